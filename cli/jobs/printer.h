/* Standard output, written by a thread beside the loop: a slow or paused reader does not block the
 * work. */
#ifndef ROTA_CLI_JOBS_PRINTER_H
#define ROTA_CLI_JOBS_PRINTER_H

#include <uv.h>

#include "model/seam/backend.h"

struct rota_printer;
struct rota_printer_piece;

/* The piece with this number was written. */
typedef void (*rota_printer_done_f)(struct rota_printer *p, uint64_t piece);

/* Writing failed, for example because the reader of a pipe has gone. Nothing more is written.
 * Called once. */
typedef void (*rota_printer_broken_f)(struct rota_printer *p, int rc);

struct rota_printer {
    rota_printer_done_f on_done;
    rota_printer_broken_f on_broken;
    void *context;  /* the owner's */
    uint32_t magic; /* while it is open */
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

/* Appends bytes and takes them over; they are freed with free(). `data` may be NULL if there are
 * none. `piece` is a number of the caller's. Callbacks are called from the loop, never from here.
 */
void rota_printer_put(struct rota_printer *p, uint64_t piece, char *data, size_t length);

/* Whether everything was written, or writing has failed. */
bool rota_printer_is_idle(const struct rota_printer *p);

/* Frees what was not written. The printer must be idle or broken. */
void rota_printer_close(struct rota_printer *p);

#endif
