/* Standard output, written beside the loop: whoever reads it may be slow or pause without holding
 * up the work. */
#ifndef ROTA_CLI_JOBS_PRINTER_H
#define ROTA_CLI_JOBS_PRINTER_H

#include <uv.h>

#include "model/seam/backend.h"

struct rota_printer;
struct rota_printer_piece;

/* The piece with this number has been written. */
typedef void (*rota_printer_done_f)(struct rota_printer *p, uint64_t piece);

/* Writing failed, as of a pipe whose reader has gone; nothing more is written. Said once. */
typedef void (*rota_printer_broken_f)(struct rota_printer *p, int rc);

struct rota_printer {
    rota_printer_done_f on_done;
    rota_printer_broken_f on_broken;
    void *context; /* the owner's */
    uv_loop_t *loop;
    struct rota_printer_piece *first;
    struct rota_printer_piece *last;
    size_t waiting; /* bytes not yet written */
    bool writing;
    bool broken;
    bool open_line; /* the last byte written was not a newline */
    uv_fs_t request;
};

/* Prepares a zeroed printer whose callbacks and context have been set. */
void rota_printer_open(struct rota_printer *p, uv_loop_t *loop);

/* Appends bytes, taking them over: memory from rota_grow, NULL if there are none. `piece` is the
 * caller's. Callbacks come from the loop, never within. */
void rota_printer_put(struct rota_printer *p, uint64_t piece, char *data, size_t length);

/* Whether everything has been written or given up. */
bool rota_printer_is_idle(const struct rota_printer *p);

/* Forgets what has not been written. Idle printers only, or broken ones. */
void rota_printer_close(struct rota_printer *p);

#endif
