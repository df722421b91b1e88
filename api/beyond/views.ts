/** Saved views: what a page shows, kept under a short id or a name that colleagues find. No part of MLflow's protocol. */
import { endpoint } from '../endpoint.js';
import { Empty } from '../scalars.js';
import { id, integer, listOf, message, type Output, one, required, string } from '../schema.js';

export const View = message('View', {
  view_id: required(string()),
  experiment_id: string('the experiment whose views it is among; absent for views over several'),
  name: string('absent for a link that was only too long'),
  query: required(string('the query string of the page, without `?`')),
  user_id: string('who made it, where users are known'),
  creation_time: required(integer('ms since the epoch')),
  last_update_time: required(integer('ms since the epoch')),
});
export type View = Output<typeof View>;

const ViewResponse = message('ViewResponse', { view: required(one(View)) });

export const views = {
  createView: endpoint(
    'POST',
    '/2.0/mltrack/views/create',
    'write',
    'Saves a view. Without a name, the same query of the same experiment has the same id.',
    message('CreateView', {
      experiment_id: id(),
      name: string('up to 250 characters; one of the experiment’s views may have it, else RESOURCE_ALREADY_EXISTS'),
      query: required(string('up to 100,000 characters')),
    }),
    ViewResponse,
  ),
  getView: endpoint(
    'GET',
    '/2.0/mltrack/views/get',
    'read',
    'One view.',
    message('GetView', { view_id: required(id()) }),
    ViewResponse,
  ),
  listViews: endpoint(
    'GET',
    '/2.0/mltrack/views/list',
    'read',
    'The named views of an experiment, or those of none, by name.',
    message('ListViews', { experiment_id: id() }),
    message('ListViewsResponse', { views: listOf(View) }),
  ),
  updateView: endpoint(
    'POST',
    '/2.0/mltrack/views/update',
    'write',
    'Gives a view another name or query.',
    message('UpdateView', { view_id: required(id()), name: string(), query: string() }),
    ViewResponse,
  ),
  deleteView: endpoint(
    'DELETE',
    '/2.0/mltrack/views/delete',
    'write',
    'Deletes a view.',
    message('DeleteView', { view_id: required(id()) }),
    Empty,
  ),
};
