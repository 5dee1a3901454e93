#include "backend_zk/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct {
    pthread_mutex_t lock;
    struct {
        rota_zk_line_f f; /* NULL: the slot is free */
        void *context;
    } slots[ROTA_ZK_LOG_SLOTS];
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void give(uint32_t slot, const char *line)
{
    rota_zk_line_f f;
    void *context;

    pthread_mutex_lock(&all.lock);
    f = all.slots[slot].f;
    context = all.slots[slot].context;
    pthread_mutex_unlock(&all.lock);
    if (f != NULL)
        f(context, line);
}

#define SLOT_MAP(X)                                                                                \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define X(n)                                                                                       \
    static void log_##n(const char *line)                                                          \
    {                                                                                              \
        give((n), line);                                                                           \
    }
SLOT_MAP(X)
#undef X

static const rota_zk_log_f functions[ROTA_ZK_LOG_SLOTS] = {
#define X(n) log_##n,
    SLOT_MAP(X)
#undef X
};

static void drop(const char *line)
{
    (void)line;
}

rota_zk_log_f rota_zk_log_open(rota_zk_line_f f, void *context)
{
    rota_zk_log_f log = drop;

    pthread_mutex_lock(&all.lock);
    for (uint32_t i = 0; i < ROTA_ZK_LOG_SLOTS && log == drop; i++) {
        if (all.slots[i].f != NULL)
            continue;
        all.slots[i].f = f;
        all.slots[i].context = context;
        log = functions[i];
    }
    pthread_mutex_unlock(&all.lock);
    return log;
}

void rota_zk_log_close(rota_zk_log_f log)
{
    pthread_mutex_lock(&all.lock);
    for (uint32_t i = 0; i < ROTA_ZK_LOG_SLOTS; i++)
        if (functions[i] == log)
            all.slots[i].f = NULL;
    pthread_mutex_unlock(&all.lock);
}

enum rota_zk_log rota_zk_log_level(const char *line)
{
    if (strstr(line, ":ZOO_ERROR@") != NULL)
        return ROTA_ZK_LOG_ERRORS;
    return strstr(line, ":ZOO_WARN@") != NULL ? ROTA_ZK_LOG_WARNINGS : ROTA_ZK_LOG_ALL;
}

bool rota_zk_log_is_failure(const char *line, int *error)
{
    const char *socket = strstr(line, ": Socket ");
    const char *number = socket != NULL ? strstr(socket, ", errno=") : NULL;

    if (number == NULL || strstr(socket, " zk retcode=") == NULL)
        return false;
    *error = (int)strtol(number + strlen(", errno="), NULL, 10);
    return true;
}
