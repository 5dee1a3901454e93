/* The state of a zkCli session and of the command that it runs, and what all commands need. */
#ifndef ROTA_HARNESS_ZKCLI_ZKCOMMAND_H
#define ROTA_HARNESS_ZKCLI_ZKCOMMAND_H

#include "harness/zkcli/zkcli_config.h"
#include "harness/zkcli/zkline.h"
#include "harness/zkcli/zklist.h"
#include "harness/zkcli/zktext.h"

enum rota_zkcli_state {
    ROTA_ZKCLI_CONNECTING,
    ROTA_ZKCLI_CONNECTED,
    ROTA_ZKCLI_CLOSED,
    ROTA_ZKCLI_AUTH_FAILED,
};

struct rota_zkcommand;

struct rota_zkcli {
    struct rota_zkcli_config config;
    char *name;
    struct rota_zktext text; /* printed, if there is no `print` */
    struct rota_zktext line; /* the text to print next */
    enum rota_zkcli_state state;
    uint32_t handle;
    struct rota_zklist history;
    bool print_watches;
    bool failed;
    bool quit;
    bool redone; /* the command was typed as `redo N` */

    /* The running command. */
    const struct rota_zkcommand *command; /* NULL: none */
    struct rota_zkline words;
    struct rota_zkoptions options;
    uint64_t tag;            /* of the last request */
    char *asked_path;        /* its path */
    struct rota_zklist list; /* deleteall: all znodes found, parents first; walks: those still to be
                                listed, the next one last */
    struct rota_zklist visits; /* walks: znodes to visit before the next one is listed */
    uint32_t next;             /* the next entry of `list` or `visits` */
    bool has_begun;            /* walks: the first znode was read; setAcl: the list was set */
    char *reopen;              /* connect: the new server list */

    struct rota_zklist candidates;
    size_t from;
};

/* One command. `start` and `reply` return true when the command is finished. */
struct rota_zkcommand {
    const char *name;
    const char *usage;
    const char *letters; /* options, as for rota_zkoptions_read */
    uint32_t words; /* the least number of words, with the name; with fewer, the usage is printed as
                       an error */
    const char *deprecated; /* the usage of its deprecated form; NULL: it has none */
    bool (*start)(struct rota_zkcli *z);
    bool (*reply)(struct rota_zkcli *z, const struct rota_reply *reply);
};

/* The names of a reply, sorted. The caller frees the array. */
const char **rota_zkcommand_names(const struct rota_reply *reply);

/* These three print the text in `line` and empty it. The second prints an answer, the third the
 * reason why the command is not carried out. Both return true: the command is finished. */
void rota_zkcommand_print(struct rota_zkcli *z, enum rota_zkcli_stream stream);
bool rota_zkcommand_answer(struct rota_zkcli *z);
bool rota_zkcommand_refuse(struct rota_zkcli *z);

/* The same with this sentence, or with the reason for which the server has refused the last
 * request. */
bool rota_zkcommand_refuse_with(struct rota_zkcli *z, const char *sentence);
bool rota_zkcommand_refuse_reply(struct rota_zkcli *z, const struct rota_reply *reply);

/* Sends a request; the running command gets its reply. Returns false: the command is not finished.
 */
bool rota_zkcommand_ask(struct rota_zkcli *z, const struct rota_operation *operation);
bool rota_zkcommand_ask_path(struct rota_zkcli *z, enum rota_op op, const char *path, bool watch);

/* A word of the command that is not an option, and whether an option is given. */
const struct rota_zkword *rota_zkcommand_word(const struct rota_zkcli *z, uint32_t index);
bool rota_zkcommand_given(const struct rota_zkcli *z, char letter);

/* Reads a whole number as Java does. */
bool rota_zkcommand_number(const char *text, int64_t least, int64_t most, int64_t *number);

#endif
