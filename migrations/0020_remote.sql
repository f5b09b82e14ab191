-- How many images and other files from elsewhere an HTML mail names: we load none of them. NULL is none, and what was
-- read before anybody counted.
ALTER TABLE reports ADD COLUMN remote_images BIGINT;
ALTER TABLE reports ADD COLUMN remote_others BIGINT;
ALTER TABLE messages ADD COLUMN remote_images BIGINT;
ALTER TABLE messages ADD COLUMN remote_others BIGINT;
