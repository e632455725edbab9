/// Answers documented cases, for `conshelf eval processor`.
package io.conshelf.processor.eval;
