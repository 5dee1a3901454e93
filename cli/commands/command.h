/* The commands of the program. Each has a file of its own, cmd_<name>.c, and a line in main.c. */
#ifndef ROTA_CLI_COMMANDS_COMMAND_H
#define ROTA_CLI_COMMANDS_COMMAND_H

#include <argp.h>

struct rota_command {
    const char *name;
    const char *summary;     /* a line for `rota help` */
    const struct argp *argp; /* for `rota help COMMAND`; NULL: the command says it itself */
    int (*main)(int argc, char **argv); /* argv[0] is the whole name, such as "rota run"; returns
                                           the exit status */
};

extern const struct rota_command rota_command_run;
extern const struct rota_command rota_command_init;
extern const struct rota_command rota_command_master;
extern const struct rota_command rota_command_worker;
extern const struct rota_command rota_command_submit;
extern const struct rota_command rota_command_wait;
extern const struct rota_command rota_command_cancel;
extern const struct rota_command rota_command_retry;
extern const struct rota_command rota_command_drain;
extern const struct rota_command rota_command_undrain;
extern const struct rota_command rota_command_list;
extern const struct rota_command rota_command_history;
extern const struct rota_command rota_command_status;
extern const struct rota_command rota_command_sim;
extern const struct rota_command rota_command_shell;

/* `rota sim sweep`, a command within a command; argv[0] is its whole name. */
int rota_sweep_main(int argc, char **argv);

#endif
