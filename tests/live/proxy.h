/* A small proxy between one client and one ZooKeeper server, on loopback: it cuts the connection
 * exactly before a request, exactly before its reply, or hands the request over later. One thread,
 * one poll loop; the functions below return when the loop has done what they ask. */
#ifndef ROTA_TESTS_LIVE_PROXY_H
#define ROTA_TESTS_LIVE_PROXY_H

#include <stdbool.h>
#include <stdint.h>

struct rota_proxy;

enum rota_proxy_fault {
    ROTA_PROXY_LOST,    /* the request never reaches the server */
    ROTA_PROXY_APPLIED, /* the server does it, the reply never reaches the client */
    ROTA_PROXY_LATE,    /* the request is kept and reaches the server with rota_proxy_release */
};

/* Listens on a free port for the server on `server_port`. NULL if that cannot be had. */
struct rota_proxy *rota_proxy_open(uint16_t server_port);

/* The connect string of the proxy, borrowed until close. */
const char *rota_proxy_hosts(const struct rota_proxy *p);

/* Cuts every connection and turns new ones away until heal. What a client has sent before it went,
 * by cut or by itself, reaches the server and is done: the server finds the end behind it. (Without
 * a proxy the first answer to a client that has gone resets the connection, and what the server has
 * not read by then is lost.) */
void rota_proxy_cut(struct rota_proxy *p);

/* Turns new connections away until heal; those that are there stay. */
void rota_proxy_bar(struct rota_proxy *p);

/* Waits until the server has let go of every connection that was cut or left, at most that many
 * seconds: true if it has. Then it has forgotten whose they were, and their watches. */
bool rota_proxy_settle(struct rota_proxy *p, uint32_t bound_s);

/* Strikes the next request (pings, credentials and watches set anew are none), cuts its connection,
 * and turns new ones away until heal. */
void rota_proxy_arm(struct rota_proxy *p, enum rota_proxy_fault fault);

/* Whether the armed fault has struck. */
bool rota_proxy_struck(struct rota_proxy *p);

/* Lets what a LATE fault kept reach the server, on the connection it came by. */
void rota_proxy_release(struct rota_proxy *p);

/* Carries nothing any more in either direction; connections stay open. */
void rota_proxy_blackhole(struct rota_proxy *p);

/* Carries nothing any more from the server; what clients say reaches it. Connections stay open. */
void rota_proxy_mute(struct rota_proxy *p);

/* Ends cut, bar, blackhole and mute: new connections are served again, from those on that begin
 * now. */
void rota_proxy_heal(struct rota_proxy *p);

void rota_proxy_close(struct rota_proxy *p);

#endif
