/* Result codes: their numbers, names and sentences.
 *
 * The numbers are those of the C client 3.8 (zookeeper.h), so a backend passes them on unchanged.
 * Codes from -1000 down are rota's own and never come from a server. */
#ifndef ROTA_MODEL_BASE_ERROR_H
#define ROTA_MODEL_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#define ROTA_ERROR_MAP(X)                                                                          \
    X(OK, 0, "done")                                                                               \
    X(INCONSISTENT, -2, "not tried, because an earlier operation of the same multi was refused")   \
    X(CONNECTION_LOSS, -4, "the connection was lost before an answer came")                        \
    X(MARSHALLING, -5, "the request could not be encoded")                                         \
    X(UNIMPLEMENTED, -6, "this server does not offer that operation")                              \
    X(OPERATION_TIMEOUT, -7, "the server was silent for too long")                                 \
    X(BAD_ARGUMENTS, -8, "the path or an argument is not valid")                                   \
    X(INVALID_STATE, -9, "the handle is no longer usable")                                         \
    X(NO_NODE, -101, "the znode does not exist")                                                   \
    X(NO_AUTH, -102, "permission denied by the znode's access list")                               \
    X(BAD_VERSION, -103, "the znode's version is not the expected one")                            \
    X(NO_CHILDREN_FOR_EPHEMERALS, -108, "an ephemeral znode cannot have children")                 \
    X(NODE_EXISTS, -110, "the znode exists already")                                               \
    X(NOT_EMPTY, -111, "the znode has children")                                                   \
    X(SESSION_EXPIRED, -112, "the session has ended")                                              \
    X(INVALID_ACL, -114, "the access list is not valid")                                           \
    X(AUTH_FAILED, -115, "authentication failed")                                                  \
    X(CLOSING, -116, "the handle was closed before an answer came")                                \
    X(SESSION_MOVED, -118, "the session moved to another server")                                  \
    X(NO_WATCHER, -121, "there is no such watch")                                                  \
    X(QUOTA_EXCEEDED, -125, "the quota of the subtree is used up")                                 \
    X(TOO_LARGE, -1000, "the request is larger than a ZooKeeper server accepts")                   \
    X(WATCH_BUDGET, -1001, "the byte budget for watches is used up")

enum rota_error {
#define X(name, number, sentence) ROTA_ERR_##name = (number),
    ROTA_ERROR_MAP(X)
#undef X
};

/* The name of a code, such as "NO_NODE"; "UNKNOWN" for a number not in the list. Static storage. */
const char *rota_error_name(int32_t rc);

/* True if a refusal with this code means that the tree differs from what the process has read, so
 * reading again helps. A refusal by an ACL, a quota or a size limit would only be repeated. */
bool rota_error_is_news(int32_t rc);

/* One sentence for people, without a full stop. Static storage. */
const char *rota_error_sentence(int32_t rc);

#endif
