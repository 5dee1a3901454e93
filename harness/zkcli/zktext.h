/* The text that zkCli of ZooKeeper 3.8.0 prints, and what its Java client checks before it
 * sends a request. */
#ifndef ROTA_HARNESS_ZKCLI_ZKTEXT_H
#define ROTA_HARNESS_ZKCLI_ZKTEXT_H

#include "model/seam/backend.h"

/* A growing text. Zeroed memory is an empty one. */
struct rota_zktext {
    char *data; /* terminated, unless nothing was added */
    size_t length;
    size_t capacity;
};

/* Appends bytes. */
void rota_zktext_add(struct rota_zktext *t, const void *bytes, size_t length);

/* Appends like printf. */
void rota_zktext_print(struct rota_zktext *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees the text; it is empty then. */
void rota_zktext_close(struct rota_zktext *t);

/* The eleven lines of a stat, with times in the local time zone. */
void rota_zktext_stat(struct rota_zktext *t, const struct rota_stat *s);

/* "[a, b, c]" and a newline. */
void rota_zktext_names(struct rota_zktext *t, const char *const *names, uint32_t count);

/* The data as a line. Bytes that are not UTF-8 appear as U+FFFD, and missing data as "null". */
void rota_zktext_data(struct rota_zktext *t, struct rota_bytes data);

/* An access list, two lines for each entry. */
void rota_zktext_acl(struct rota_zktext *t, const struct rota_acl *acl, uint32_t count);

/* Why the server refused a request, as a line. */
void rota_zktext_refusal(struct rota_zktext *t, int32_t rc, const char *path);

/* Java's name for a code, such as "KeeperErrorCode = InvalidACL for /a", as a line. `path` may be
 * NULL. */
void rota_zktext_code(struct rota_zktext *t, int32_t rc, const char *path);

/* A watch event as zkCli prints it, six lines. `path` is NULL for an event of the session. */
void rota_zktext_event(struct rota_zktext *t, const char *state, const char *type,
                       const char *path);

/* The name of a watch event, such as "NodeDataChanged". Static storage. */
const char *rota_zktext_watch_name(enum rota_watch_kind kind);

/* True if the Java client accepts the path. If not, the reason is appended as a line. The path of a
 * sequential create is checked with a digit after it. */
bool rota_zktext_path_check(struct rota_zktext *t, const char *path, size_t length,
                            bool sequential);

/* Reads "scheme:id:perms,...". `text` is cut into pieces, which the list borrows. Errors in entries
 * are appended as lines. Returns the number of entries; `acl` must have room for one more than
 * `text` has commas. */
uint32_t rota_zktext_acl_read(struct rota_zktext *t, char *text, struct rota_acl *acl);

#endif
