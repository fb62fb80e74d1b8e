-- A page of posts, the newest first, without walking over those of other workspaces.
create index post_newest on post (workspace_id, id);
-- What was published last, for its figures. Not by `state`, as with `delivery_held`.
create index delivery_published on delivery (workspace_id, published_at desc, id) where published_at is not null;
