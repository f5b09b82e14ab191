//! Two cases side by side: whoever takes part in one gets nothing of the other, by no address and by no page.
