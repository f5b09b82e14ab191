//! DNS: the resolver that sender authentication asks.
