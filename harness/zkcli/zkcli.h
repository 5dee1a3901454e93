/* zkCli of ZooKeeper 3.8.0 as a state machine: a line goes in, requests go to a backend, and the
 * text that the real zkCli would print comes out. It never blocks and has no clock: the backend's
 * events drive it. So it serves a person at a terminal, a pipe, and a session in a simulated world.
 *
 * Where the real zkCli crashes (a version that is no number) or repeats its last command (a line
 * without a word), this one prints a sentence or nothing. */
#ifndef ROTA_HARNESS_ZKCLI_ZKCLI_H
#define ROTA_HARNESS_ZKCLI_ZKCLI_H

#include "harness/zkcli/zkcli_config.h"

struct rota_zkcli;

/* Makes a session and opens its handle. Requests may be sent from now on. */
struct rota_zkcli *rota_zkcli_open(const struct rota_zkcli_config *config);

/* Carries out one line, without its newline; any bytes are allowed. Only while not busy. The
 * command is finished when rota_zkcli_busy returns false, now or after a later event. */
void rota_zkcli_command(struct rota_zkcli *z, const char *line, size_t length);

/* Takes in an event of the backend. Events of earlier handles are ignored. */
void rota_zkcli_handle_event(struct rota_zkcli *z, const struct rota_handle_event *event);

/* Whether a command or a completion is not finished. */
bool rota_zkcli_busy(const struct rota_zkcli *z);

/* Whether the last finished command could not be carried out. */
bool rota_zkcli_failed(const struct rota_zkcli *z);

/* Whether the session is connected. */
bool rota_zkcli_connected(const struct rota_zkcli *z);

/* Whether the session was closed, has expired or was refused. It stays so until `connect`. */
bool rota_zkcli_ended(const struct rota_zkcli *z);

/* Whether `quit` was typed and is finished. */
bool rota_zkcli_quit(const struct rota_zkcli *z);

/* The text printed since it was last forgotten, both streams in order; terminated. Borrowed until
 * the next call. */
const char *rota_zkcli_text(const struct rota_zkcli *z, size_t *length);
void rota_zkcli_forget_text(struct rota_zkcli *z);

/* Writes "[zk: NAME(STATE) COUNT] ", terminated. */
void rota_zkcli_prompt(const struct rota_zkcli *z, char *text, size_t size);

/* Asks how the last word of an unfinished line can continue: with the name of a command, or with a
 * path. Only while not busy; it finishes as a command does. The candidates replace the part of the
 * line from byte `from` on. They are sorted, and borrowed until the next command or completion. */
void rota_zkcli_complete(struct rota_zkcli *z, const char *line, size_t length);
const char *const *rota_zkcli_candidates(const struct rota_zkcli *z, uint32_t *count, size_t *from);

/* Frees the session. The backend and its handle stay as they are. */
void rota_zkcli_close(struct rota_zkcli *z);

#endif
