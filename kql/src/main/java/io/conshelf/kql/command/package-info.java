/// The management commands: text that starts with a dot.
///
/// `commands.txt` beside this package lists every command of the service with its grammar, role and result columns; it is
/// the only place where these stand. [CommandCatalogue] reads it, [CommandGrammar] is one grammar as a tree, and
/// [CommandMatcher] tries a text against grammars and yields a [CommandMatch]: which command, with which arguments. What a
/// command does is the engine's: a handler registered under the command's name. A command without a handler is refused
/// under its name, so an unknown text and a command that is not built yet are told apart.
///
/// To change how a command is written, edit its grammar line; to add a command, add its lines and register a handler.
package io.conshelf.kql.command;
