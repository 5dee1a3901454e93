/* The network between simulated clients and the servers: latency, cuts, and requests that are lost,
 * applied without an answer, or applied late. One server stands alone; several are an ensemble
 * (ensemble.h), which says what becomes of what has reached one of them.
 *
 * A link is one TCP connection. What one end sends reaches the other in the order of sending. A
 * client that closes its end, or dies, cannot take back what it has sent: that arrives first. */
#ifndef ROTA_BACKEND_SIM_NET_LINK_H
#define ROTA_BACKEND_SIM_NET_LINK_H

#include "backend_sim/net/choice.h"
#include "backend_sim/net/message_copy.h"
#include "backend_sim/net/timeline.h"
#include "server/server.h"

enum rota_message_kind {
    ROTA_MESSAGE_CONNECT, /* up, from here */
    ROTA_MESSAGE_WATCHES,
    ROTA_MESSAGE_REQUEST,
    ROTA_MESSAGE_PING,
    ROTA_MESSAGE_END,     /* the client's end is closed */
    ROTA_MESSAGE_WELCOME, /* down, from here */
    ROTA_MESSAGE_REPLY,
    ROTA_MESSAGE_WATCH,
    ROTA_MESSAGE_PONG,
    ROTA_MESSAGE_CUT, /* the server's end is closed */
};

/* What becomes of a request whose connection is lost around it. */
enum rota_fate {
    ROTA_FATE_NONE,    /* nothing is lost */
    ROTA_FATE_LOST,    /* it never arrives */
    ROTA_FATE_APPLIED, /* it is done, and the reply never arrives */
    ROTA_FATE_LATE,    /* it is done after the connection is gone */
};

struct rota_message {
    struct rota_message *next;
    rota_time due;
    enum rota_message_kind kind;
    enum rota_fate fate; /* REQUEST */
    rota_time late_most; /* REQUEST with FATE_LATE: how late at most */
    union {
        struct rota_connect connect;
        struct rota_request_copy *request; /* held */
        struct {
            char **paths;                      /* owned, with what they point to */
            uint32_t counts[ROTA_WATCH_LISTS]; /* list after list */
            int64_t relative_zxid;
        } watches;
        struct {
            enum rota_welcome welcome;
            struct rota_served served;
        } welcome;
        struct {
            struct rota_reply *body; /* owned */
            int64_t zxid;            /* the server's when it answered (S6) */
        } reply;
        struct {
            enum rota_watch_kind kind;
            char *path; /* owned */
        } watch;
    };
};

struct rota_messages {
    struct rota_message *first;
    struct rota_message *last;
    bool stalled; /* the first is there, but its receiver stands still */
};

enum rota_link_end {
    ROTA_LINK_FREE,
    ROTA_LINK_OPENING, /* the server has not answered yet */
    ROTA_LINK_SERVED,
    ROTA_LINK_CLOSED, /* the server has closed its end, or refused */
};

struct rota_link {
    uint32_t slot;
    uint64_t serial; /* differs from that of every other link there ever was */
    enum rota_link_end end;
    bool attached;   /* the client's end is open */
    uint32_t who;    /* whose client */
    uint64_t owner;  /* names the handle among all handles of the world */
    uint32_t server; /* the one it leads to, counted from 0 */
    bool busy;       /* what has arrived waits for the leader, and what comes behind it too */
    rota_time latency;
    bool mute; /* replies and watches are not sent */
    struct rota_messages up;
    struct rota_messages down;
};

/* A request on its way to be done late. */
struct rota_held {
    uint64_t serial;
    int64_t session;
    uint64_t owner;
    uint32_t who;
    struct rota_proof *proof; /* owned */
    struct rota_request_copy *request;
};

#define ROTA_NOBODY UINT32_MAX

/* The side of a server that reaches nobody. */
#define ROTA_SIDE_ALONE UINT32_MAX

/* Whether those on two sides of a partition reach each other; side 0 is nobody's and reaches
 * everyone but who is alone. */
static inline bool rota_sides_meet(uint32_t a, uint32_t b)
{
    return a != ROTA_SIDE_ALONE && b != ROTA_SIDE_ALONE && (a == 0 || b == 0 || a == b);
}

/* What the network tells the world. All are mandatory. */
struct rota_net_hooks {
    /* The server has committed a transaction, asked for by `who` or, if that is ROTA_NOBODY, on its
     * own. */
    void (*commit)(void *context, uint32_t who, const struct rota_commit *commit);
    /* The server has executed a request; its reply has not arrived yet. */
    void (*applied)(void *context, uint32_t who, const struct rota_request *request, int32_t rc);
    /* A request will never be executed. */
    void (*dropped)(void *context, uint32_t who, const struct rota_request *request);
};

struct rota_ensemble;

struct rota_net {
    const struct rota_net_hooks *hooks;
    void *context;
    struct rota_timeline *timeline;
    struct rota_choices *choices;
    rota_time now;
    rota_time latency;          /* of a message, on average */
    struct rota_server *server; /* that decides: alone, or what the leader of the ensemble knows */
    struct rota_ensemble *ensemble; /* NULL: one server alone */
    bool server_paused;
    bool server_down;
    uint32_t side;    /* of a partition, as rota_sides_meet has it. One server only */
    rota_time expiry; /* when the server will look at its sessions */
    rota_time reap;   /* when it will look at its containers and TTL nodes */
    struct rota_link **links;
    uint32_t link_count;
    uint64_t serials;
    struct rota_message *spare;
    struct rota_held *held;
    uint32_t held_count;
    uint32_t held_capacity;
    uint32_t acting; /* whose request the server executes */
    uint32_t struck; /* requests so far that met a fate */
    int32_t rc;      /* of the reply the server has just given */
};

/* Makes a network with a fresh server. Hooks, timeline and choices are borrowed. */
void rota_net_init(struct rota_net *n, const struct rota_server_config *config,
                   const struct rota_net_hooks *hooks, void *context,
                   struct rota_timeline *timeline, struct rota_choices *choices, rota_time latency);

/* Frees everything. */
void rota_net_close(struct rota_net *n);

/* The server's clock. */
int64_t rota_net_now_ms(const struct rota_net *n);

/* A number that names a handle among all handles of this world. */
uint64_t rota_net_name_handle(struct rota_net *n);

/* Opens a connection to a server, counted from 0, for the client of `who` and sends its first
 * packet, which is copied. Valid until it is detached or cut. `extra` is added to the latency of
 * its messages. */
struct rota_link *rota_link_open(struct rota_net *n, uint32_t server, uint32_t who, uint64_t owner,
                                 rota_time extra, const struct rota_connect *connect);

/* Sends a request, held until it arrives. */
void rota_link_request(struct rota_net *n, struct rota_link *l, struct rota_request_copy *request,
                       enum rota_fate fate, rota_time late_most);

/* Sends a ping. */
void rota_link_ping(struct rota_net *n, struct rota_link *l);

/* Sends the watches to be armed again. Takes ownership of `paths` and of each path. */
void rota_link_watches(struct rota_net *n, struct rota_link *l, char **paths,
                       const uint32_t counts[ROTA_WATCH_LISTS], int64_t relative_zxid);

/* Closes the client's end. What was sent still arrives. The link must not be used any more. */
void rota_link_detach(struct rota_net *n, struct rota_link *l);

/* Cuts both ends at once: what is under way is lost. The link must not be used any more. */
void rota_link_cut(struct rota_net *n, struct rota_link *l);

/* The link of a moment UP or DOWN, NULL if it is gone. */
struct rota_link *rota_link_find(const struct rota_net *n, uint32_t slot, uint64_t serial);

/* Takes the first message that has reached the client; to be given back with rota_message_free. */
struct rota_message *rota_link_take_down(struct rota_net *n, struct rota_link *l);

/* Frees what a message carries, and keeps the message for the next one. */
void rota_message_free(struct rota_net *n, struct rota_message *m);

/* Lets what has stalled at the client's end arrive now. */
void rota_link_unstall(struct rota_net *n, struct rota_link *l);

/* Frees what a late request holds. */
void rota_held_clear(struct rota_held *held);

/* One of the network's own moments has come: anything that happens on the way up, at the servers or
 * between them. False if it is none. */
bool rota_net_moment(struct rota_net *n, const struct rota_moment *m);

/* The server stands still, and goes on: all that was due meanwhile happens at once (S69). */
void rota_net_pause_server(struct rota_net *n);
void rota_net_resume_server(struct rota_net *n);

/* The server dies: all connections are cut, none can be opened. It comes back with its tree and its
 * sessions, each with a full timeout (S73). */
void rota_net_crash_server(struct rota_net *n);
void rota_net_start_server(struct rota_net *n);

/* ---- for the ensemble ---- */

/* What the servers say to their connections; they do not tell of commits. Its context is the
 * network. */
extern const struct rota_server_sink rota_net_voice;

/* The number of a connection on its server, and back: NULL if it is gone. */
uint64_t rota_link_connection(const struct rota_link *l);
struct rota_link *rota_link_of(const struct rota_net *n, uint64_t connection);

/* Makes sure that the server that decides will look at its sessions in time. */
void rota_net_arm_expiry(struct rota_net *n);

/* The server that decides has been woken: its moments are asked for anew. */
void rota_net_awake(struct rota_net *n);

/* It goes on: what was due meanwhile happens at once (S69). */
void rota_net_overdue(struct rota_net *n);

/* How long a message between two servers takes. */
rota_time rota_net_hop(struct rota_net *n);

/* Answers the first packet: takes the session up on the server of the link. */
void rota_link_welcome(struct rota_net *n, struct rota_link *l, const struct rota_connect *wish);

/* Tells the client that its session has ended. */
void rota_link_refuse(struct rota_net *n, struct rota_link *l);

/* The server ends the connection, without an answer. */
void rota_link_break(struct rota_net *n, struct rota_link *l);

/* What stands still behind a busy or paused end goes on. */
void rota_link_go_on(struct rota_net *n, struct rota_link *l);

#endif
