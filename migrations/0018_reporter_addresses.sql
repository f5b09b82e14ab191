-- Reporters by their address: whoever lost a private link asks for it by the address alone.
CREATE INDEX parties_reporter_address ON parties (lower(address)) WHERE handling_id IS NULL;
