/* The source of payloads: the lines of a file or of standard input, or one whole payload. Lines are
 * read only when they are needed, so a file of any size takes little memory. */
#ifndef ROTA_CLI_JOBS_SOURCE_H
#define ROTA_CLI_JOBS_SOURCE_H

#include <uv.h>

#include "cli/base/byte_buffer.h"
#include "model/seam/backend.h"

/* In bytes. A request must hold the payload and its path in less than 1 MB (S35). */
enum { ROTA_PAYLOAD_LIMIT = 1000000 };

enum rota_supply {
    ROTA_SUPPLY_ITEM,
    ROTA_SUPPLY_TOO_LONG, /* the line is above the limit and was skipped */
    ROTA_SUPPLY_NUL,      /* the line holds a NUL byte and was skipped */
    ROTA_SUPPLY_WAIT,     /* there is nothing yet; on_ready will be called */
    ROTA_SUPPLY_END,
    ROTA_SUPPLY_ERROR, /* reading failed, `error` says why; there will be nothing more */
};

struct rota_source;

typedef void (*rota_source_ready_f)(struct rota_source *s);

struct rota_source {
    rota_source_ready_f on_ready;
    void *context;  /* the owner's */
    uint32_t magic; /* while its stream is open */
    uint64_t line;  /* number of the line that was returned last, counted from 1 */
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
    struct rota_byte_buffer input;
    size_t from;    /* the bytes before it were returned */
    size_t scanned; /* up to here there is no newline behind `from` */
};

/* Opens a file of lines, "-" for standard input. The caller has set the callback and the context of
 * a zeroed source. Returns 0 or a libuv error. */
int rota_source_open_lines(struct rota_source *s, uv_loop_t *loop, const char *path);

/* Opens a file that is one payload as a whole. Returns 0 or a libuv error. */
int rota_source_open_whole(struct rota_source *s, const char *path);

/* Makes a source of one payload. The text is copied. */
void rota_source_open_text(struct rota_source *s, const char *text);

/* Reads the next payload, borrowed until the next call. Empty lines are skipped. */
enum rota_supply rota_source_next(struct rota_source *s, struct rota_bytes *item);

/* The position in a file before its first payload, for rota_source_return. -1 if the source cannot
 * be read twice, as standard input cannot. */
int64_t rota_source_place(const struct rota_source *s);

/* Begins again at that position, with line 1. */
void rota_source_return(struct rota_source *s, int64_t place);

/* Closes and frees; `s` may be freed after the next run of the loop. */
void rota_source_close(struct rota_source *s);

#endif
