/* What zkCli of ZooKeeper 3.8.0 prints, letter by letter, and what its Java client checks before it
 * asks a server. */
#ifndef ROTA_HARNESS_ZKCLI_ZKTEXT_H
#define ROTA_HARNESS_ZKCLI_ZKTEXT_H

#include "model/seam/backend.h"

/* Text that grows. Zeroed memory is empty. */
struct rota_zktext {
    char *data; /* terminated, unless nothing was ever added */
    size_t length;
    size_t capacity;
};

/* Appends bytes. */
void rota_zktext_add(struct rota_zktext *t, const void *bytes, size_t length);

/* Appends like printf. */
void rota_zktext_print(struct rota_zktext *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees it; it is empty again. */
void rota_zktext_close(struct rota_zktext *t);

/* The eleven lines of a stat; times in the local time zone. */
void rota_zktext_stat(struct rota_zktext *t, const struct rota_stat *s);

/* "[a, b, c]" and a newline. */
void rota_zktext_names(struct rota_zktext *t, const char *const *names, uint32_t count);

/* The data as a line: what is not UTF-8 as U+FFFD, no data as "null". */
void rota_zktext_data(struct rota_zktext *t, struct rota_bytes data);

/* An access list, two lines an entry. */
void rota_zktext_acl(struct rota_zktext *t, const struct rota_acl *acl, uint32_t count);

/* Why a request was refused, as a line. */
void rota_zktext_refusal(struct rota_zktext *t, int32_t rc, const char *path);

/* Java's name for a code, such as "KeeperErrorCode = InvalidACL for /a", as a line. `path` may be
 * NULL. */
void rota_zktext_code(struct rota_zktext *t, int32_t rc, const char *path);

/* An event in its six lines of two messages; `path` is NULL for an event of the session. */
void rota_zktext_event(struct rota_zktext *t, const char *state, const char *type,
                       const char *path);

/* The name of a watch's kind, such as "NodeDataChanged". Static storage. */
const char *rota_zktext_watch_name(enum rota_watch_kind kind);

/* True if the Java client lets the path pass; else appends why not, as a line. A sequential create
 * is checked with a digit behind the path. */
bool rota_zktext_path_check(struct rota_zktext *t, const char *path, size_t length,
                            bool sequential);

/* Reads "scheme:id:perms,...", cutting `text` up: the list borrows it. Complaints about entries are
 * appended as lines. Returns the number of entries; `acl` has room for one more than `text` has
 * commas. */
uint32_t rota_zktext_acl_read(struct rota_zktext *t, char *text, struct rota_acl *acl);

#endif
