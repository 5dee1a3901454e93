/* A pipe between two servers of an ensemble, on loopback. It carries their messages, and can hold
 * back the messages to the server that opened the connection. That server then lags, while its
 * clients still read from it (a read is answered locally: S94). Each pipe has a thread. */
#ifndef ROTA_TESTS_LIVE_PIPE_H
#define ROTA_TESTS_LIVE_PIPE_H

#include <stdint.h>

struct rota_pipe;

/* Listens on a free port and connects to the server that listens on `port`. A connection that is
 * opened before that server listens waits for it. NULL if there is no free port. */
struct rota_pipe *rota_pipe_open(uint16_t port);

/* The port of the pipe, to which the other server connects. */
uint16_t rota_pipe_port(const struct rota_pipe *p);

/* Holds back all messages to the server that opened the connection, from the return of the function
 * on. Its own messages are still carried. Connections stay open and no message is lost. */
void rota_pipe_hold(struct rota_pipe *p);

/* Carries all messages again, first those that were held back. */
void rota_pipe_flow(struct rota_pipe *p);

/* Closes all connections and frees the pipe. */
void rota_pipe_close(struct rota_pipe *p);

#endif
