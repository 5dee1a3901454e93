/* zkCli of ZooKeeper 3.8.0 as a machine: a line goes in, requests go to a backend, and what the
 * real one would print comes out. It never blocks and knows no clock: the backend's events drive
 * it, so it serves a person at a terminal, a pipe, and a session in a simulated world alike.
 *
 * Where the real one dies (a version that is no number) or repeats its last command (a line without
 * a word), this one prints a sentence, or nothing. */
#ifndef ROTA_HARNESS_ZKCLI_ZKCLI_H
#define ROTA_HARNESS_ZKCLI_ZKCLI_H

#include "model/seam/backend.h"

enum rota_zkcli_stream {
    ROTA_ZKCLI_OUT, /* answers and events */
    ROTA_ZKCLI_ERR, /* errors, notes, and "Created ..." */
};

/* Where text goes; it is borrowed for the call, and may hold NUL bytes. Must not call back. */
typedef void (*rota_zkcli_print_f)(void *context, enum rota_zkcli_stream stream, const char *text,
                                   size_t length);

/* Makes a backend for other servers and destroys the former one. NULL: it could not, and has said
 * why. */
typedef struct rota_backend *(*rota_zkcli_connect_f)(void *context, const char *hosts);

struct rota_zkcli_config {
    struct rota_backend *backend; /* borrowed; no handle is open on it */
    const char *name; /* in the prompt: the server list, or the session's name; copied */
    bool old;         /* the words of ZooKeeper 3.4: `get` prints the stat too, and `ls PATH true`
                         is not called deprecated */
    bool session_events; /* print changes of the session like watch events, as zkCli does; without,
                            only those that end it unasked */
    rota_zkcli_print_f print;     /* NULL: all text is gathered, see rota_zkcli_text */
    rota_zkcli_connect_f connect; /* NULL: `connect HOSTS` opens a handle on the same servers */
    void *context;                /* of both */
};

struct rota_zkcli;

/* Makes a session and opens its handle. Requests may go out from now on. */
struct rota_zkcli *rota_zkcli_open(const struct rota_zkcli_config *config);

/* Carries out one line, without its newline; any bytes will do. Only while not busy. A command is
 * finished when rota_zkcli_busy says so, now or after a later event. */
void rota_zkcli_command(struct rota_zkcli *z, const char *line, size_t length);

/* Hears an event of the backend. Those of former handles are ignored. */
void rota_zkcli_hear(struct rota_zkcli *z, const struct rota_handle_event *event);

/* A command, or a completion, is not finished. */
bool rota_zkcli_busy(const struct rota_zkcli *z);

/* The last command that was finished could not be carried out. */
bool rota_zkcli_failed(const struct rota_zkcli *z);

/* The session is connected. */
bool rota_zkcli_connected(const struct rota_zkcli *z);

/* The session was closed, has expired or was refused; it stays so until `connect`. */
bool rota_zkcli_ended(const struct rota_zkcli *z);

/* `quit` was typed and is finished. */
bool rota_zkcli_quit(const struct rota_zkcli *z);

/* What has been printed since it was last forgotten, both streams in order; terminated. Borrowed
 * until the next call. */
const char *rota_zkcli_text(const struct rota_zkcli *z, size_t *length);
void rota_zkcli_forget_text(struct rota_zkcli *z);

/* Writes "[zk: NAME(STATE) COUNT] ", terminated. */
void rota_zkcli_prompt(const struct rota_zkcli *z, char *text, size_t size);

/* Asks how the last word of an unfinished line may go on: a command's name, or a path. Only while
 * not busy; finished like a command. The candidates stand in the place of what follows byte `from`
 * of the line, sorted, borrowed until the next command or completion. */
void rota_zkcli_complete(struct rota_zkcli *z, const char *line, size_t length);
const char *const *rota_zkcli_candidates(const struct rota_zkcli *z, uint32_t *count, size_t *from);

/* Frees it. The backend and its handle stay as they are. */
void rota_zkcli_close(struct rota_zkcli *z);

#endif
