-- What an account may do: viewer, operator, editor or admin. Who was no admin could do what an editor can.
alter table users add column role text not null default 'editor';
update users set role = 'admin' where is_admin = true;
alter table users drop column is_admin;
