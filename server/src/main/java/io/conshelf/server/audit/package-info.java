/// What was done and what was refused, in files that last: who, what, when, from where, and no secrets.
package io.conshelf.server.audit;
