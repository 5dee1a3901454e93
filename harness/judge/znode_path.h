/* The meaning of a path in rota's tree. It is written here once more, from docs/PROTOCOL.md, so
 * that the invariants share nothing with the code they judge. */
#ifndef ROTA_HARNESS_JUDGE_ZNODE_PATH_H
#define ROTA_HARNESS_JUDGE_ZNODE_PATH_H

enum rota_znode_path_kind {
    ROTA_ZNODE_PATH_OTHER,
    ROTA_ZNODE_PATH_TOP, /* /x: any other path of one element */
    ROTA_ZNODE_PATH_EPOCH,
    ROTA_ZNODE_PATH_MASTER,
    ROTA_ZNODE_PATH_WORKER,     /* /workers/<a> */
    ROTA_ZNODE_PATH_PLACE,      /* /assign/<a> */
    ROTA_ZNODE_PATH_ASSIGNMENT, /* /assign/<a>/<b> */
    ROTA_ZNODE_PATH_TASK,       /* /tasks/<a> */
    ROTA_ZNODE_PATH_STATUS,     /* /tasks/<a>/status */
    ROTA_ZNODE_PATH_RETRY,      /* /retry/<a> */
    ROTA_ZNODE_PATH_CANCEL,     /* /cancel/<a> */
    ROTA_ZNODE_PATH_DRAIN,      /* /drain/<a> */
    ROTA_ZNODE_PATH_COLLECT,    /* /collect/<a> */
    ROTA_ZNODE_PATH_HISTORY,    /* /history/<a> */
    ROTA_ZNODE_PATH_PROGRESS,   /* /progress/<a> */
};

enum { ROTA_ZNODE_PATH_NAME = 256 }; /* bytes of a name; a longer one is cut */

struct rota_znode_path {
    enum rota_znode_path_kind kind;
    char a[ROTA_ZNODE_PATH_NAME];
    char b[ROTA_ZNODE_PATH_NAME];
};

/* Reads an absolute path into `at`. */
void rota_znode_path_read(const char *path, struct rota_znode_path *at);

/* The name of the task that the path belongs to; NULL if it belongs to none. */
const char *rota_znode_path_task(const struct rota_znode_path *at);

#endif
