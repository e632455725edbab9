/// JavaScript functions and aggregates of a job, run by Rhino's interpreter: without Java, files or network, within bounds of steps, time, memory and depth.
///
/// Rhino counts what it interprets, and nothing of what its built-in functions do: `Array.from({length: 1e9})` is one step. So it is loaded by [CountedClasses],
/// which puts a call of [Bounds] into each of its loops and beside whatever makes a text, an array or a whole number of any size.
package io.conshelf.streams.script;
