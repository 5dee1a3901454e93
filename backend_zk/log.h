/* The client library's log, line by line, told apart by handle.
 *
 * The library calls its log function without a context, so each handle needs a function of its own.
 * There are ROTA_ZK_LOG_SLOTS of them; the lines of a further handle are dropped. */
#ifndef ROTA_BACKEND_ZK_LOG_H
#define ROTA_BACKEND_ZK_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum { ROTA_ZK_LOG_SLOTS = 16 };

enum rota_zk_log {
    ROTA_ZK_LOG_QUIET,
    ROTA_ZK_LOG_ERRORS,
    ROTA_ZK_LOG_WARNINGS,
    ROTA_ZK_LOG_ALL, /* except debug messages, which make closing unsafe (ZOOKEEPER-4809) */
};

/* Gets a line, on the thread that the library logs on. The line is borrowed for the call. */
typedef void (*rota_zk_line_f)(void *context, const char *line);

/* The log function for a new handle. Never NULL. */
typedef void (*rota_zk_log_f)(const char *line);
rota_zk_log_f rota_zk_log_open(rota_zk_line_f f, void *context);

/* Gives the function back, after the handle was closed. */
void rota_zk_log_close(rota_zk_log_f log);

/* How severe a line is: errors first. ROTA_ZK_LOG_ALL for a line of another form. */
enum rota_zk_log rota_zk_log_level(const char *line);

/* Whether the line says that a socket failed, which it does on the IO thread, before the library
 * goes on to the next server. `*error` gets the errno. */
bool rota_zk_log_is_failure(const char *line, int *error);

#endif
