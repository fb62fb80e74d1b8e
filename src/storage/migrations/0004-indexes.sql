-- How many posts use a picture, asked for each of a page of them, and whether one may be deleted.
create index attachment_by_media on attachment (media_file_id);
-- The posts of one channel.
create index variant_by_channel on variant (channel_id);
