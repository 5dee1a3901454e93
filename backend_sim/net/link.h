/* The network between simulated clients and the servers: messages and their latency, connections
 * that are cut, and requests that are lost, executed without a reply, or executed late.
 *
 * A link is one TCP connection. Messages of one end reach the other end in the order in which they
 * were sent. A client that closes its end, or dies, cannot take back what it has sent: that arrives
 * first. */
#ifndef ROTA_BACKEND_SIM_NET_LINK_H
#define ROTA_BACKEND_SIM_NET_LINK_H

#include "backend_sim/net/ensemble.h"
#include "model/seam/event_queue.h"

enum rota_message_kind {
    ROTA_MESSAGE_CONNECT, /* up, from here on */
    ROTA_MESSAGE_WATCHES,
    ROTA_MESSAGE_REQUEST,
    ROTA_MESSAGE_PING,
    ROTA_MESSAGE_END,       /* the client has closed its end */
    ROTA_MESSAGE_CONNECTED, /* down, from here on: the answer to the first packet */
    ROTA_MESSAGE_REPLY,
    ROTA_MESSAGE_WATCH,
    ROTA_MESSAGE_PONG,
    ROTA_MESSAGE_CUT, /* the server has closed its end */
};

struct rota_message {
    struct rota_message *next;
    rota_time due;
    enum rota_message_kind kind;
    union {
        struct rota_connect connect;
        struct {
            struct rota_request_copy *copy; /* held */
            struct rota_planned_fault fault;
        } request;
        struct {
            char **paths;                      /* owned, with what they point to */
            uint32_t counts[ROTA_WATCH_LISTS]; /* list after list */
            int64_t relative_zxid;
        } watches;
        struct {
            enum rota_connect_result result;
            struct rota_session_grant grant;
        } connected;
        struct {                             /* REPLY, WATCH */
            struct rota_queued_event *event; /* owned, unless the client has taken it */
            int64_t zxid;                    /* REPLY: the server's when it answered (S6) */
        } answer;
    };
};

struct rota_messages {
    struct rota_message *first;
    struct rota_message *last;
    bool stalled; /* the first one has arrived, but its receiver does not take it */
};

/* The state of the server's end. */
enum rota_link_end {
    ROTA_LINK_FREE,    /* the link is not used */
    ROTA_LINK_OPENING, /* the server has not answered yet */
    ROTA_LINK_SERVED,
    ROTA_LINK_CLOSED, /* the server has closed its end, or refused */
};

struct rota_link {
    uint32_t slot;
    uint64_t serial; /* different from that of every other link there ever was */
    enum rota_link_end end;
    struct rota_connection connection;
    bool attached; /* the client's end is open */
    bool busy;     /* the server has not answered what has arrived, and takes nothing else */
    rota_time latency;
    struct rota_messages up;
    struct rota_messages down;
};

/* The functions of the world that the network calls, all mandatory. struct rota_ensemble_sink says
 * when each is called. */
struct rota_net_hooks {
    void (*commit)(void *context, uint32_t who, const struct rota_commit *commit);
    void (*applied)(void *context, uint32_t who, const struct rota_request *request, int32_t rc);
    void (*dropped)(void *context, uint32_t who, const struct rota_request *request);
};

struct rota_net {
    const struct rota_net_hooks *hooks;
    void *context;
    struct rota_timeline *timeline;
    struct rota_choices *choices;
    struct rota_ensemble *ensemble; /* owned */
    rota_time latency;              /* of a message, on average */
    struct rota_link **links;
    uint32_t link_count;
    uint32_t link_capacity;
    uint64_t serials; /* of links and handles */
    struct rota_message *spare;
    uint32_t faults; /* requests so far that have met a fault */
};

/* Makes a network and its servers. Hooks, timeline and choices are borrowed. */
void rota_net_init(struct rota_net *n, const struct rota_ensemble_config *config,
                   const struct rota_net_hooks *hooks, void *context,
                   struct rota_timeline *timeline, struct rota_choices *choices);

/* Frees everything. */
void rota_net_close(struct rota_net *n);

/* A number for a handle, different from that of every other handle of this world. */
uint64_t rota_net_number_handle(struct rota_net *n);

/* A moment of the timeline has come: a message reaches a server, or something happens at the
 * servers or between them. False if it is a moment of another part of the world. */
bool rota_net_moment(struct rota_net *n, const struct rota_moment *m);

/* Opens a connection to server `server` for handle `handle` of process `who`, and sends its first
 * packet, which is copied. `extra` is added to the latency of its messages. Valid until it is
 * detached or cut. */
struct rota_link *rota_link_open(struct rota_net *n, uint32_t server, uint32_t who, uint64_t handle,
                                 rota_time extra, const struct rota_connect *connect);

/* Sends a request, which is held until it arrives. */
void rota_link_request(struct rota_net *n, struct rota_link *l, struct rota_request_copy *request,
                       struct rota_planned_fault fault);

/* Sends a ping. */
void rota_link_ping(struct rota_net *n, struct rota_link *l);

/* Sends the watches to be armed again. Takes ownership of `paths` and of each path. */
void rota_link_watches(struct rota_net *n, struct rota_link *l, char **paths,
                       const uint32_t counts[ROTA_WATCH_LISTS], int64_t relative_zxid);

/* Closes the client's end. Messages that were sent still arrive. The link must not be used any
 * more. */
void rota_link_detach(struct rota_net *n, struct rota_link *l);

/* Cuts both ends at once; messages under way are lost. The link must not be used any more. */
void rota_link_cut(struct rota_net *n, struct rota_link *l);

/* The link of a moment UP or DOWN, NULL if it is gone. */
struct rota_link *rota_link_find(const struct rota_net *n, uint32_t slot, uint64_t serial);

/* Takes the first message that has reached the client; to be given back with rota_message_free. */
struct rota_message *rota_link_take_down(struct rota_net *n, struct rota_link *l);

/* Frees what a message carries, and keeps the message for the next one. */
void rota_message_free(struct rota_net *n, struct rota_message *m);

/* Lets the messages that have stalled at the server's end, or at the client's end, arrive now. */
void rota_link_unstall_up(struct rota_net *n, struct rota_link *l);
void rota_link_unstall_down(struct rota_net *n, struct rota_link *l);

#endif
