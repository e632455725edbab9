/// What a terminal, or a log, shows of a pipeline run while it runs. [RunBoard] knows what runs, [Frame] draws it in lines, [LiveView] keeps these
/// lines at the bottom of a terminal, [PlainView] tells the same to a file or a pipe.
package io.conshelf.cli.progress;
