/// What fields of pipelines are written in besides jq: paths, durations.
package io.conshelf.processor.path;
