/* Where payloads come from: the lines of a file or of standard input, or one whole payload. Lines
 * are read as they are wanted, so a file of any size takes little memory. */
#ifndef ROTA_CLI_JOBS_SOURCE_H
#define ROTA_CLI_JOBS_SOURCE_H

#include <uv.h>

#include "model/seam/backend.h"

enum {
    ROTA_PAYLOAD_LIMIT = 1000000
}; /* bytes; a request holds it with its path below 1 MB (S35) */

enum rota_supply {
    ROTA_SUPPLY_ITEM,
    ROTA_SUPPLY_TOO_LONG, /* this line is above the limit and has been skipped */
    ROTA_SUPPLY_NUL,      /* this line holds a NUL byte and has been skipped */
    ROTA_SUPPLY_WAIT,     /* nothing yet; on_ready follows */
    ROTA_SUPPLY_END,
    ROTA_SUPPLY_ERROR, /* reading failed, `error` says why; nothing follows */
};

struct rota_source;

typedef void (*rota_source_ready_f)(struct rota_source *s);

struct rota_source {
    rota_source_ready_f on_ready;
    void *context; /* the owner's */
    uint64_t line; /* number of the line that was last given, counted from 1 */
    const char *error;
    uv_loop_t *loop;
    int descriptor; /* a regular file, or -1 */
    bool streaming; /* `stream` is open */
    bool reading;
    bool skipping; /* the rest of an overlong line */
    bool ended;
    bool whole; /* one payload instead of lines */
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tty_t tty;
    };
    char *data;
    size_t from; /* what is before it has been given */
    size_t scanned;
    size_t length;
    size_t capacity;
};

/* Opens a file of lines, "-" for standard input. The caller has set the callback and the context of
 * a zeroed source. Returns 0 or a libuv error. */
int rota_source_open_lines(struct rota_source *s, uv_loop_t *loop, const char *path);

/* Opens a file that is one payload as a whole, however long. Returns 0 or a libuv error. */
int rota_source_open_whole(struct rota_source *s, const char *path);

/* One payload that is there already; copied. */
void rota_source_open_text(struct rota_source *s, const char *text);

/* The next payload, borrowed until the next call. Empty lines are skipped. */
enum rota_supply rota_source_next(struct rota_source *s, struct rota_bytes *item);

/* Where in a named file the next payload begins, for rota_source_return; -1 if it cannot be read
 * twice, as standard input, which comes line by line. Before the first one. */
int64_t rota_source_place(const struct rota_source *s);

/* Begins again at that place, with line 1. */
void rota_source_return(struct rota_source *s, int64_t place);

/* Closes and frees; `s` may be freed once the loop has run on. */
void rota_source_close(struct rota_source *s);

#endif
