/* Requests, replies and actions as words, for step tests. */
#ifndef ROTA_TESTS_UNIT_MODEL_SCRIPT_WORDING_H
#define ROTA_TESTS_UNIT_MODEL_SCRIPT_WORDING_H

#include "model/seam/event.h"
#include "tests/unit/model/script/script.h"

/* `multi { check /epoch 3; create -e /master "m1 h:1"; set /epoch "" 3 }`. With `whole` false, long
 * data and long multis are shortened. */
void wording_request(struct script_text *t, const struct rota_request *r, bool whole);

/* One line: a request, `note ...`, `run ...`, `exit ...` and so on. */
void wording_action(struct script_text *t, const struct rota_action *a);

/* Bytes in quotes, shortened when long. */
void wording_bytes(struct script_text *t, struct rota_bytes b);

/* The request in the words from `from` on, its paths and data in the memory of the line. */
struct rota_request wording_to_request(const struct script_line *l, uint32_t from);

/* What was asked and is not answered yet: enough of it to make an answer. */
struct wording_asked {
    uint64_t tag;
    enum rota_op op;
    char *text;         /* the whole request */
    const char **paths; /* of the operations of a multi */
    uint32_t count;
};
struct wording_asked wording_ask(const struct rota_request *r);
void wording_asked_close(struct wording_asked *a);

/* Whether the words `pattern` name that request: its first word, then words in it. */
bool wording_names(const char *pattern, const struct wording_asked *a);

/* The reply in the words from `from` on:
 *   ok [names] "data" czxid=5 mzxid=5 version=1 owner=7 children=1 length=3 path=/a
 *   unknown          (or the name of one of its codes)
 *   BAD_VERSION      of a multi: `at PATH` or `at INDEX` says which operation was refused
 * Its memory belongs to `o`. */
struct rota_reply *wording_to_reply(const struct script_line *l, uint32_t from,
                                    const struct wording_asked *a, struct rota_outbox *o,
                                    enum rota_outcome *outcome);

/* What a handle says of its session: `connected session=7 timeout=10s`, `disconnected`, `expired`,
 * `auth_failed`, `unreachable`, `closed`, `closed acknowledged`. False if it is none of these. */
bool wording_to_session(const struct script_line *l, struct rota_handle_event *e);

#endif
