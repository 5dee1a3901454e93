/* A proxy between a client and a ZooKeeper server, on loopback. It cuts the connection exactly
 * before a request or exactly before its reply, or delivers the request later. It has one thread
 * with a poll loop; each function returns after the loop has carried it out. */
#ifndef ROTA_TESTS_LIVE_PROXY_H
#define ROTA_TESTS_LIVE_PROXY_H

#include <stdbool.h>
#include <stdint.h>

struct rota_proxy;

enum rota_proxy_fault {
    ROTA_PROXY_LOST,    /* the request never reaches the server */
    ROTA_PROXY_APPLIED, /* the server applies it, the reply never reaches the client */
    ROTA_PROXY_LATE,    /* the request is kept, and sent to the server by rota_proxy_release */
};

/* Listens on a free port, for the server on `server_port`. NULL if there is no free port. */
struct rota_proxy *rota_proxy_open(uint16_t server_port);

/* The connect string of the proxy, borrowed until close. */
const char *rota_proxy_hosts(const struct rota_proxy *p);

/* Cuts every connection and refuses new ones until heal. Requests that a client sent before its
 * connection ended, by the cut or by its own close, still reach the server, which finds the end of
 * the stream behind them. (Without a proxy the server's first reply to a closed client resets the
 * connection, and the requests that the server has not read by then are lost.) */
void rota_proxy_cut(struct rota_proxy *p);

/* Refuses new connections until heal; existing ones stay. */
void rota_proxy_bar(struct rota_proxy *p);

/* Waits until the server has closed every connection that was cut or that its client closed, at
 * most that many seconds. True if it has; then the server has also dropped their watches. */
bool rota_proxy_settle(struct rota_proxy *p, uint32_t bound_s);

/* Injects the fault at the next request, cuts its connection, and refuses new ones until heal.
 * Pings, credentials and watches that the library sets again do not count as requests. */
void rota_proxy_arm(struct rota_proxy *p, enum rota_proxy_fault fault);

/* Whether the armed fault was injected. */
bool rota_proxy_struck(struct rota_proxy *p);

/* Sends the request that a LATE fault kept to the server, on its own connection. */
void rota_proxy_release(struct rota_proxy *p);

/* Carries no bytes any more in either direction; connections stay open. */
void rota_proxy_blackhole(struct rota_proxy *p);

/* Carries no bytes any more from the server; the bytes of clients still reach it. Connections stay
 * open. */
void rota_proxy_mute(struct rota_proxy *p);

/* Ends cut, bar, blackhole and mute. Connections that are opened from now on are served. */
void rota_proxy_heal(struct rota_proxy *p);

/* Closes all connections and frees the proxy. */
void rota_proxy_close(struct rota_proxy *p);

#endif
