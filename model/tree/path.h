/* The paths of the tree: the one place that knows them (docs/PROTOCOL.md, "The tree"). */
#ifndef ROTA_MODEL_TREE_PATH_H
#define ROTA_MODEL_TREE_PATH_H

#include "model/seam/outbox.h"

#define ROTA_PATH_MASTER   "/master"
#define ROTA_PATH_EPOCH    "/epoch"
#define ROTA_PATH_WORKERS  "/workers"
#define ROTA_PATH_ASSIGN   "/assign"
#define ROTA_PATH_TASKS    "/tasks"
#define ROTA_PATH_RETRY    "/retry"
#define ROTA_PATH_CANCEL   "/cancel"
#define ROTA_PATH_DRAIN    "/drain"
#define ROTA_PATH_COLLECT  "/collect"
#define ROTA_PATH_HISTORY  "/history"
#define ROTA_PATH_PROGRESS "/progress"
#define ROTA_STATUS_NAME   "status"

/* The persistent znodes of an empty tree, parents first, each with empty data: what `rota init` and
 * a new master create. Static storage; `*count` is their number. */
const char *const *rota_path_tree(uint32_t *count);

/* The path for a worker or a task, in the outbox's memory. */
const char *rota_path_worker(struct rota_outbox *o, const char *worker);
const char *rota_path_assign(struct rota_outbox *o, const char *worker);
const char *rota_path_assignment(struct rota_outbox *o, const char *worker, const char *task);
const char *rota_path_task(struct rota_outbox *o, const char *task);
const char *rota_path_status(struct rota_outbox *o, const char *task);
const char *rota_path_retry(struct rota_outbox *o, const char *task);
const char *rota_path_cancel(struct rota_outbox *o, const char *task);
const char *rota_path_drain(struct rota_outbox *o, const char *worker);
const char *rota_path_collect(struct rota_outbox *o, const char *task);
const char *rota_path_history(struct rota_outbox *o, const char *task);
const char *rota_path_progress(struct rota_outbox *o, const char *task);

/* True if a task or a worker can have that name: one element of a path that the client library
 * accepts (S30), in UTF-8, because a server creates no other (S31). */
bool rota_path_name_valid(struct rota_outbox *o, const char *name);

/* The part of `path` behind "`parent`/"; NULL if the path is not below the parent. */
const char *rota_path_below(const char *path, const char *parent);

#endif
