/* What a path of rota's tree means: written here once more, from docs/PROTOCOL.md, so that the
 * invariants share nothing with the code they judge. */
#ifndef ROTA_HARNESS_LOCUS_H
#define ROTA_HARNESS_LOCUS_H

enum rota_locus_kind {
    ROTA_LOCUS_OTHER,
    ROTA_LOCUS_TOP, /* /x: one element, but for the next two */
    ROTA_LOCUS_EPOCH,
    ROTA_LOCUS_MASTER,
    ROTA_LOCUS_WORKER,     /* /workers/<a> */
    ROTA_LOCUS_PLACE,      /* /assign/<a> */
    ROTA_LOCUS_ASSIGNMENT, /* /assign/<a>/<b> */
    ROTA_LOCUS_TASK,       /* /tasks/<a> */
    ROTA_LOCUS_STATUS,     /* /tasks/<a>/status */
    ROTA_LOCUS_RETRY,      /* /retry/<a> */
    ROTA_LOCUS_CANCEL,     /* /cancel/<a> */
    ROTA_LOCUS_DRAIN,      /* /drain/<a> */
    ROTA_LOCUS_COLLECT,    /* /collect/<a> */
    ROTA_LOCUS_HISTORY,    /* /history/<a> */
    ROTA_LOCUS_PROGRESS,   /* /progress/<a> */
};

enum { ROTA_LOCUS_NAME = 256 }; /* bytes of a name; what is longer is cut */

struct rota_locus {
    enum rota_locus_kind kind;
    char a[ROTA_LOCUS_NAME];
    char b[ROTA_LOCUS_NAME];
};

/* Reads an absolute path. */
void rota_locus_read(const char *path, struct rota_locus *at);

/* The name of the task that a place belongs to, NULL for other places. */
const char *rota_locus_task(const struct rota_locus *at);

#endif
