/* The client library, libzookeeper_mt, in virtual time: its states and queues, pings, attempts to
 * connect again, watches armed again, and the order of events (S75-S92, as far as the seam shows
 * them).
 *
 * It is a backend: a driver holds `head`, and takes the events out with `next`. */
#ifndef ROTA_BACKEND_SIM_NET_CLIENT_H
#define ROTA_BACKEND_SIM_NET_CLIENT_H

#include "backend_sim/net/client_watches.h"
#include "backend_sim/net/clock.h"
#include "backend_sim/net/link.h"

enum rota_sim_client_state {
    ROTA_SIM_CLIENT_NONE,       /* no handle yet */
    ROTA_SIM_CLIENT_WAITING,    /* between two attempts to connect */
    ROTA_SIM_CLIENT_REFUSED,    /* an attempt is under way that will fail */
    ROTA_SIM_CLIENT_CONNECTING, /* an attempt is under way */
    ROTA_SIM_CLIENT_CONNECTED,
    ROTA_SIM_CLIENT_CLOSING, /* the close has been sent */
    ROTA_SIM_CLIENT_DEAD,    /* expired, or its credentials were refused */
    ROTA_SIM_CLIENT_CLOSED,  /* on request */
};

/* A request that is not answered yet. */
struct rota_outstanding {
    struct rota_outstanding *next;
    struct rota_request_copy *request; /* held */
    bool internal; /* credentials sent again: the answer does not become an event */
};

enum { ROTA_PLANNED_FAULTS_MOST = 8 };

struct rota_sim_client {
    struct rota_backend head;
    struct rota_net *net; /* borrowed */
    uint32_t who;         /* the process */
    uint32_t wanted_ms;   /* the session timeout that it asks for */
    enum rota_sim_client_state state;
    uint32_t handle; /* counted from 1 */
    uint64_t serial; /* of the handle, among all handles of the world */
    struct rota_client_id client_id;
    uint32_t timeout_ms;
    int64_t last_zxid; /* of the last reply */
    struct rota_clock clock;
    rota_time sent; /* when it last sent something; by its own clock, as are the next two */
    rota_time received;
    rota_time due;   /* WAITING, REFUSED, CONNECTING, CLOSING: when the state ends */
    rota_time armed; /* the time of its moment on the timeline, by the world's clock */
    uint32_t server; /* that it connects to, or is to connect to next */
    bool backwards;  /* it tries the servers in descending order */
    uint32_t tries;  /* attempts since the last connection */
    struct rota_link *link;
    struct rota_outstanding *outstanding; /* in the order in which they are answered */
    struct rota_outstanding *outstanding_last;
    struct rota_outstanding *unsent;        /* the first of them that was not sent */
    struct rota_request_copy **credentials; /* held; sent again with every connection (S88) */
    uint32_t credential_count;
    uint32_t credential_capacity;
    struct rota_event_queue events;
    struct rota_queued_event *taken;    /* the event that next has returned */
    struct rota_client_watches watches; /* that the handle believes in */
    bool expired;                       /* DEAD: a server said that the session has ended */
    bool mute_replies;                  /* CLOSING: replies under way are lost (S84) */
    bool paused;
    bool blocked;                    /* it reaches no server */
    uint32_t side;                   /* of a partition; 0: it reaches every server */
    rota_time slow;                  /* added to the latency of its messages */
    struct rota_planned_fault fault; /* of the next request */
    struct rota_planned_fault faults[ROTA_PLANNED_FAULTS_MOST]; /* then, one in each connection */
    uint32_t fault_count;
    bool losing;      /* a request with a fault was sent: this connection will be lost */
    uint32_t refused; /* requests answered here because the session of the handle had ended */
};

/* Prepares the client of a process, without a handle. `timeout_ms` is the session timeout that it
 * asks for. The network is borrowed. */
void rota_sim_client_init(struct rota_sim_client *c, struct rota_net *net, uint32_t who,
                          uint32_t timeout_ms);

/* Takes over from a former client what belongs to the machine and not to the process: cuts, delays,
 * the clock, and planned faults. */
void rota_sim_client_inherit(struct rota_sim_client *c, const struct rota_sim_client *before);

/* Frees the memory and closes the connection, as the death of a process does. */
void rota_sim_client_close(struct rota_sim_client *c);

/* A message has come down. The caller frees it; the body of a reply is taken out of it. */
void rota_sim_client_receive(struct rota_sim_client *c, struct rota_message *m);

/* A moment of this client has come: it checks its clock. */
void rota_sim_client_tick(struct rota_sim_client *c);

/* Cuts the connection at both ends, now. Without a connection nothing happens. */
void rota_sim_client_cut(struct rota_sim_client *c);

/* Plans a fault for the next request or, if that has one already, for a request of a later
 * connection. At most ROTA_PLANNED_FAULTS_MOST are kept: a further one replaces the last one. */
void rota_sim_client_plan_fault(struct rota_sim_client *c, struct rota_planned_fault fault);

/* Whether the client could reach this server. */
bool rota_sim_client_reaches(const struct rota_sim_client *c, uint32_t server);

/* The time by its clock. */
rota_time rota_sim_client_now(const struct rota_sim_client *c);

/* The pace of its clock has changed. */
void rota_sim_client_rearm(struct rota_sim_client *c);

/* Asserts that the outstanding requests and the planned faults are consistent. Takes time
 * proportional to the number of requests. */
void rota_sim_client_check(const struct rota_sim_client *c);

/* Pauses the client, and resumes it: then its requests are sent, and what has come arrives. */
void rota_sim_client_pause(struct rota_sim_client *c);
void rota_sim_client_resume(struct rota_sim_client *c);

#endif
