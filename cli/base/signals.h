/* The signals that tell a program to end. */
#ifndef ROTA_CLI_BASE_SIGNALS_H
#define ROTA_CLI_BASE_SIGNALS_H

#include <stdint.h>
#include <uv.h>

struct rota_signals;

/* SIGINT, SIGTERM or SIGHUP has arrived; `times` counts all of them, from 1. */
typedef void (*rota_signals_f)(struct rota_signals *s, int number, int times);

struct rota_signals {
    rota_signals_f on_signal;
    void *context;  /* the owner's */
    uint32_t magic; /* while it is open */
    int times;
    uv_signal_t handles[3];
};

/* Begins to listen, without keeping the loop alive. The owner has set the callback and the context.
 */
void rota_signals_open(struct rota_signals *s, uv_loop_t *loop);

/* Stops listening; `s` may be freed after the next run of the loop. */
void rota_signals_close(struct rota_signals *s);

#endif
