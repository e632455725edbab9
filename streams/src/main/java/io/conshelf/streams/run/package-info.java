/// What jobs need to run and what is seen of them while they do, whoever runs them: [JobRunner] is the way in, [Surroundings] is what a job may reach,
/// [RunningJob] what is known of it.
package io.conshelf.streams.run;
