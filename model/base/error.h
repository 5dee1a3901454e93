/* Result codes: their numbers, names, classes and sentences.
 *
 * The numbers are those of ZooKeeper 3.8 and later, client and server (docs/ZOOKEEPER.md, "Result
 * codes"), so a backend passes them on unchanged. Codes from -1000 down are rota's own and never
 * come from a server. */
#ifndef ROTA_MODEL_BASE_ERROR_H
#define ROTA_MODEL_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

/* The meaning of a code for the request that it answers. */
enum rota_error_class {
    ROTA_ERROR_DONE,    /* it was executed */
    ROTA_ERROR_RETRY,   /* it was not executed; the same request may succeed after a pause */
    ROTA_ERROR_RESOLVE, /* the outcome is unknown: read the tree behind a barrier, then decide */
    ROTA_ERROR_REFUSE,  /* it was not executed, and would be refused again */
    ROTA_ERROR_NEWS,    /* refused, because the tree differs from what the process has read */
    ROTA_ERROR_OVER,    /* it was not executed, because the session has ended */
    ROTA_ERROR_STOP,    /* it was not executed; no request of this client will be */
};

/* X(name, number, class, sentence) */
#define ROTA_ERROR_MAP(X)                                                                          \
    X(OK, 0, DONE, "done")                                                                         \
    X(SYSTEM_ERROR, -1, RETRY, "the client library has no memory, descriptor or socket left")      \
    X(INCONSISTENT, -2, RESOLVE,                                                                   \
      "not tried, because an earlier operation of the same multi was refused")                     \
    X(DATA_INCONSISTENT, -3, REFUSE, "the server found its data inconsistent")                     \
    X(CONNECTION_LOSS, -4, RESOLVE, "the connection was lost before an answer came")               \
    X(MARSHALLING, -5, RESOLVE, "the request or its answer could not be encoded")                  \
    X(UNIMPLEMENTED, -6, REFUSE, "this server does not offer that operation")                      \
    X(OPERATION_TIMEOUT, -7, RESOLVE, "the server was silent for too long")                        \
    X(BAD_ARGUMENTS, -8, REFUSE, "the path or an argument is not valid")                           \
    X(INVALID_STATE, -9, OVER, "the handle is no longer usable")                                   \
    X(UNKNOWN_SESSION, -12, OVER, "the server does not know the session any more")                 \
    X(NO_QUORUM, -13, RETRY, "no quorum of the new configuration is in step")                      \
    X(RECONFIG_IN_PROGRESS, -14, RETRY, "another reconfiguration is under way")                    \
    X(TLS_FAILED, -15, STOP, "the TLS handshake failed")                                           \
    X(API_ERROR, -100, REFUSE, "the server reported an error without a number")                    \
    X(NO_NODE, -101, NEWS, "the znode does not exist")                                             \
    X(NO_AUTH, -102, REFUSE, "permission denied by the znode's access list")                       \
    X(BAD_VERSION, -103, NEWS, "the znode's version is not the expected one")                      \
    X(NO_CHILDREN_FOR_EPHEMERALS, -108, REFUSE, "an ephemeral znode cannot have children")         \
    X(NODE_EXISTS, -110, NEWS, "the znode exists already")                                         \
    X(NOT_EMPTY, -111, NEWS, "the znode has children")                                             \
    X(SESSION_EXPIRED, -112, OVER, "the session has ended")                                        \
    X(INVALID_CALLBACK, -113, REFUSE, "the callback is not valid")                                 \
    X(INVALID_ACL, -114, REFUSE, "the access list is not valid")                                   \
    X(AUTH_FAILED, -115, RESOLVE, "authentication failed")                                         \
    X(CLOSING, -116, RESOLVE, "the handle was closed before an answer came")                       \
    X(NOTHING, -117, RESOLVE, "the client library had nothing to read")                            \
    X(SESSION_MOVED, -118, OVER, "the session moved to another server")                            \
    X(NOT_READ_ONLY, -119, RETRY, "the server is cut off from its ensemble and only serves reads") \
    X(LOCAL_SESSION, -120, REFUSE,                                                                 \
      "the server gives local sessions only, which cannot create ephemeral znodes; set "           \
      "localSessionsUpgradingEnabled=true on the servers")                                         \
    X(NO_WATCHER, -121, REFUSE, "there is no such watch")                                          \
    X(REQUEST_TIMEOUT, -122, RESOLVE, "the request took longer than its time limit")               \
    X(RECONFIG_DISABLED, -123, REFUSE, "reconfiguration is switched off on this server")           \
    X(AUTH_REQUIRED, -124, STOP,                                                                   \
      "the servers demand that clients authenticate, which this client cannot")                    \
    X(QUOTA_EXCEEDED, -125, REFUSE, "the quota of the subtree is used up")                         \
    X(THROTTLED, -127, RETRY, "the server is too busy and asks to try again later")                \
    X(TOO_LARGE, -1000, REFUSE, "the request is larger than a ZooKeeper server accepts")           \
    X(WATCH_BUDGET, -1001, REFUSE, "the byte budget for watches is used up")                       \
    X(NO_CONNECTION, -1002, STOP, "no server answered in time")

enum rota_error {
#define X(name, number, class, sentence) ROTA_ERR_##name = (number),
    ROTA_ERROR_MAP(X)
#undef X
};

/* The name of a code, such as "NO_NODE"; "UNKNOWN" for a number not in the list. Static storage. */
const char *rota_error_name(int32_t rc);

/* The class of a code. AUTH_FAILED and INCONSISTENT have their other meaning in the answer to
 * credentials and among the results of a multi, where both are refusals. Of the numbers that are
 * not in the list, those below -100 are refusals by a server, the others unknown outcomes. */
enum rota_error_class rota_error_class(int32_t rc);

/* True if a refusal with this code means that the tree differs from what the process has read, so
 * reading again helps. A refusal by an ACL, a quota or a size limit would only be repeated. */
bool rota_error_is_news(int32_t rc);

/* True if the code says that the session of the request has ended: the request is asked again in
 * the next session. */
bool rota_error_is_over(int32_t rc);

/* One sentence for people, without a full stop. Static storage. */
const char *rota_error_sentence(int32_t rc);

#endif
