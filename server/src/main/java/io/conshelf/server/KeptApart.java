package io.conshelf.server;

import java.nio.file.Path;

/// A file or folder that the server is given and that is not for those who run commands: a folder that commands may read has nothing of it.
///
/// @param what how it is called in the error, with the setting that names it
public record KeptApart(String what, Path path) {}
