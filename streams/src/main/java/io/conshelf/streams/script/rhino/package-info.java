/// All that knows Rhino. Loaded by the loader of counted classes, and by no other.
package io.conshelf.streams.script.rhino;
