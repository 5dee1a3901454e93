#include "tests/live/zkensemble.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { SERVERS = ROTA_ZKENSEMBLE_SERVERS };

static bool fail(struct rota_zkensemble *e, const char *sentence)
{
    snprintf(e->error, sizeof e->error, "%s", sentence);
    return false;
}

/* The ports of a server. Elections connect directly, replicated writes through a pipe. */
enum port { WRITES, ELECTIONS, CLIENTS, PORTS };

/* Chooses free ports, all different. */
static bool choose_ports(uint16_t ports[SERVERS * PORTS])
{
    for (size_t i = 0; i < SERVERS * PORTS;) {
        bool fresh = true;

        ports[i] = rota_zkserver_port();
        if (ports[i] == 0)
            return false;
        for (size_t k = 0; k < i; k++)
            fresh &= ports[k] != ports[i];
        i += fresh;
    }
    return true;
}

static bool open_pipes(struct rota_zkensemble *e, const uint16_t *ports)
{
    for (int listener = 0; listener < SERVERS; listener++)
        for (int connector = 0; connector < SERVERS; connector++) {
            if (connector == listener)
                continue;
            e->pipes[listener][connector] = rota_pipe_open(ports[listener * PORTS + WRITES]);
            if (e->pipes[listener][connector] == NULL)
                return fail(e, "a pipe between two servers cannot be opened");
        }
    return true;
}

static bool launch(struct rota_zkensemble *e, int server, const uint16_t *ports)
{
    char more[512];
    /* A follower may fail to join at the first try; the leader waits for it until initLimit. */
    int length = snprintf(more, sizeof more, "initLimit=15\nsyncLimit=%d\n",
                          ROTA_ZKENSEMBLE_SYNC_MS / ROTA_ZKENSEMBLE_TICK_MS);
    struct rota_zkserver_config config = {.tick_ms = ROTA_ZKENSEMBLE_TICK_MS,
                                          .port = ports[server * PORTS + CLIENTS],
                                          .id = (uint32_t)server + 1,
                                          .more = more};

    for (int peer = 0; peer < SERVERS; peer++) {
        unsigned writes =
            peer == server ? ports[peer * PORTS + WRITES] : rota_pipe_port(e->pipes[peer][server]);
        unsigned elections = ports[peer * PORTS + ELECTIONS];

        length += snprintf(more + length, sizeof more - (size_t)length,
                           "server.%d=127.0.0.1:%u:%u\n", peer + 1, writes, elections);
    }
    return rota_zkserver_launch(&e->servers[server], &config) || fail(e, e->servers[server].error);
}

bool rota_zkensemble_start(struct rota_zkensemble *e)
{
    uint16_t ports[SERVERS * PORTS];

    memset(e, 0, sizeof *e);
    if (!choose_ports(ports))
        return fail(e, "there are no free ports on loopback");
    if (!open_pipes(e, ports))
        return false;
    for (int i = 0; i < SERVERS; i++)
        if (!launch(e, i, ports))
            return false;
    for (int i = 0; i < SERVERS; i++)
        if (!rota_zkserver_wait(&e->servers[i]))
            return fail(e, e->servers[i].error);
    return true;
}

int rota_zkensemble_leader(const struct rota_zkensemble *e)
{
    enum { TRIES = 9000, BETWEEN_MS = 10 };

    for (int i = 0; i < TRIES; i++) {
        for (int server = 0; server < SERVERS; server++)
            if (rota_zkserver_leads(&e->servers[server]))
                return server;
        poll(NULL, 0, BETWEEN_MS);
    }
    return -1;
}

void rota_zkensemble_hold(struct rota_zkensemble *e, int server)
{
    for (int listener = 0; listener < SERVERS; listener++)
        if (listener != server)
            rota_pipe_hold(e->pipes[listener][server]);
}

void rota_zkensemble_flow(struct rota_zkensemble *e, int server)
{
    for (int listener = 0; listener < SERVERS; listener++)
        if (listener != server)
            rota_pipe_flow(e->pipes[listener][server]);
}

bool rota_zkensemble_mend(struct rota_zkensemble *e)
{
    for (int i = 0; i < SERVERS; i++) {
        rota_zkensemble_flow(e, i);
        if (e->servers[i].pid != 0)
            rota_zkserver_resume(&e->servers[i]);
    }
    for (int i = 0; i < SERVERS; i++)
        if (e->servers[i].pid == 0 && !rota_zkserver_restart(&e->servers[i]))
            return fail(e, e->servers[i].error);
    for (int i = 0; i < SERVERS; i++)
        if (!rota_zkserver_wait(&e->servers[i]))
            return fail(e, e->servers[i].error);
    return true;
}

void rota_zkensemble_close(struct rota_zkensemble *e)
{
    for (int i = 0; i < SERVERS; i++)
        rota_zkserver_close(&e->servers[i]);
    for (int listener = 0; listener < SERVERS; listener++)
        for (int connector = 0; connector < SERVERS; connector++)
            if (e->pipes[listener][connector] != NULL)
                rota_pipe_close(e->pipes[listener][connector]);
}
