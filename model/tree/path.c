#include "model/tree/path.h"

#include <string.h>

#include "model/base/utf8.h"
#include "model/seam/request_limits.h"

const char *const *rota_path_tree(uint32_t *count)
{
    static const char *const paths[] = {
        ROTA_PATH_EPOCH,   ROTA_PATH_WORKERS,  ROTA_PATH_ASSIGN, ROTA_PATH_TASKS,
        ROTA_PATH_RETRY,   ROTA_PATH_CANCEL,   ROTA_PATH_DRAIN,  ROTA_PATH_COLLECT,
        ROTA_PATH_HISTORY, ROTA_PATH_PROGRESS,
    };

    *count = sizeof paths / sizeof *paths;
    return paths;
}

const char *rota_path_worker(struct rota_outbox *o, const char *worker)
{
    return rota_outbox_text(o, ROTA_PATH_WORKERS "/%s", worker);
}

const char *rota_path_assign(struct rota_outbox *o, const char *worker)
{
    return rota_outbox_text(o, ROTA_PATH_ASSIGN "/%s", worker);
}

const char *rota_path_assignment(struct rota_outbox *o, const char *worker, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_ASSIGN "/%s/%s", worker, task);
}

const char *rota_path_task(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_TASKS "/%s", task);
}

const char *rota_path_status(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_TASKS "/%s/" ROTA_STATUS_NAME, task);
}

const char *rota_path_retry(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_RETRY "/%s", task);
}

const char *rota_path_cancel(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_CANCEL "/%s", task);
}

const char *rota_path_drain(struct rota_outbox *o, const char *worker)
{
    return rota_outbox_text(o, ROTA_PATH_DRAIN "/%s", worker);
}

const char *rota_path_collect(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_COLLECT "/%s", task);
}

const char *rota_path_history(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_HISTORY "/%s", task);
}

const char *rota_path_progress(struct rota_outbox *o, const char *task)
{
    return rota_outbox_text(o, ROTA_PATH_PROGRESS "/%s", task);
}

bool rota_path_name_valid(struct rota_outbox *o, const char *name)
{
    return strchr(name, '/') == NULL && rota_path_valid(rota_outbox_text(o, "/%s", name), false) &&
           name[0] != '\0' && rota_utf8_valid(name);
}

const char *rota_path_below(const char *path, const char *parent)
{
    size_t n = strlen(parent);

    if (strncmp(path, parent, n) != 0 || path[n] != '/')
        return NULL;
    return path + n + 1;
}
