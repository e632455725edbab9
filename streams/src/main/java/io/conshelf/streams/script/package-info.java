/// JavaScript functions and aggregates of a job, run by Rhino's interpreter: without Java, files or network, within bounds of steps, memory and depth.
package io.conshelf.streams.script;
