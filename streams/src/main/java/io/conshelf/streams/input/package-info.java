/// Where events and reference data come from, whoever reads them: [Inputs] and [References] make of a definition what a job reads.
package io.conshelf.streams.input;
