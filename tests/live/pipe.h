/* A pipe between two servers of an ensemble, on loopback: it carries what they say to each other,
 * and holds back what the one who was called says for as long as asked. The caller then lags, while
 * its own clients go on reading from it (S94). One thread a pipe. */
#ifndef ROTA_TESTS_LIVE_PIPE_H
#define ROTA_TESTS_LIVE_PIPE_H

#include <stdint.h>

struct rota_pipe;

/* Listens on a free port for the one who listens on `port`; who calls before that one listens
 * waits. NULL if there is no such port. */
struct rota_pipe *rota_pipe_open(uint16_t port);

/* Where the caller is to call. */
uint16_t rota_pipe_port(const struct rota_pipe *p);

/* From its return on nothing comes down to the caller; what the caller says goes up. Connections
 * stay, nothing is lost. */
void rota_pipe_hold(struct rota_pipe *p);

/* Everything comes down again, first what was held back. */
void rota_pipe_flow(struct rota_pipe *p);

void rota_pipe_close(struct rota_pipe *p);

#endif
