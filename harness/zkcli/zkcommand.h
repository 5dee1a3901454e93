/* The inside of zkCli: its state, what its commands have in common, and the commands on the tree.
 * For harness/zkcli/zkcli.c alone. */
#ifndef ROTA_HARNESS_ZKCLI_ZKCOMMAND_H
#define ROTA_HARNESS_ZKCLI_ZKCOMMAND_H

#include "harness/zkcli/zkcli.h"
#include "harness/zkcli/zkline.h"
#include "harness/zkcli/zktext.h"

enum rota_zkcli_state {
    ROTA_ZKCLI_CONNECTING,
    ROTA_ZKCLI_CONNECTED,
    ROTA_ZKCLI_CLOSED,
    ROTA_ZKCLI_AUTH_FAILED,
};

/* Texts of their own, in order. */
struct rota_zklist {
    char **items;
    uint32_t count;
    uint32_t capacity;
};

struct rota_zkcommand;

struct rota_zkcli {
    struct rota_zkcli_config config;
    char *name;
    struct rota_zktext text; /* printed, without a `print` */
    struct rota_zktext line; /* being printed */
    enum rota_zkcli_state state;
    uint32_t handle;
    struct rota_zklist history;
    bool print_watches;
    bool failed;
    bool quit;
    bool redone; /* the command was typed as `redo` */

    /* The command that runs. */
    const struct rota_zkcommand *command; /* NULL: none */
    struct rota_zkline words;
    struct rota_zkoptions options;
    uint64_t tag;            /* of the last request */
    char *asked;             /* its path */
    struct rota_zklist list; /* deleteall: all znodes found, parents first; else those still to be
                         listed, the next one last */
    struct rota_zklist here; /* walks: znodes to be visited before the next one is listed */
    uint32_t next;           /* of `list` or `here` */
    bool began;              /* walks: the first znode has been read; setAcl: it is set */
    char *reopen;            /* connect: the server list */

    struct rota_zklist candidates;
    size_t from;
};

/* One command. `start` and `reply` return true when it is finished. */
struct rota_zkcommand {
    const char *name;
    const char *usage;
    const char *letters; /* options, as for rota_zkoptions_read */
    uint32_t words;      /* the least, with its name; for fewer the usage is an error */
    const char *former;  /* how its deprecated form is called; NULL: it has none */
    bool (*start)(struct rota_zkcli *z);
    bool (*reply)(struct rota_zkcli *z, const struct rota_reply *reply);
};

/* Appends a copy of the text, or of "parent/name". */
void rota_zklist_add(struct rota_zklist *l, const char *text, size_t length);
void rota_zklist_add_child(struct rota_zklist *l, const char *parent, const char *name);

/* Sorts it as strcmp does. */
void rota_zklist_sort(struct rota_zklist *l);

/* Frees what it holds. */
void rota_zklist_clear(struct rota_zklist *l);

/* The names of a reply, sorted; the array is freed by the caller. */
const char **rota_zkcommand_names(const struct rota_reply *reply);

/* These three hand out what stands in `line` and empty it. The second is for an answer; the third
 * says why the command is not carried out. Both return true: the command is finished. */
void rota_zkcommand_print(struct rota_zkcli *z, enum rota_zkcli_stream stream);
bool rota_zkcommand_answer(struct rota_zkcli *z);
bool rota_zkcommand_refuse(struct rota_zkcli *z);

/* The same with this sentence. */
bool rota_zkcommand_refuse_with(struct rota_zkcli *z, const char *sentence);

/* Sends a request; its reply comes to the running command. Returns false: it is not finished. */
bool rota_zkcommand_ask(struct rota_zkcli *z, const struct rota_operation *operation);
bool rota_zkcommand_ask_path(struct rota_zkcli *z, enum rota_op op, const char *path, bool watch);

/* A word of the command that is no option, and whether an option is given. */
const struct rota_zkword *rota_zkcommand_word(const struct rota_zkcli *z, uint32_t index);
bool rota_zkcommand_given(const struct rota_zkcli *z, char letter);

/* A whole number as Java reads it. */
bool rota_zkcommand_number(const char *text, int64_t least, int64_t most, int64_t *number);

/* The commands on the tree, sorted by name; the last has no name. */
extern const struct rota_zkcommand rota_zkcommands[];

#endif
