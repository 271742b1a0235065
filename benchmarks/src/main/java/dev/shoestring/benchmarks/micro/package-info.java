/** JMH benchmarks of what is done in Java around the engine: {@code benchmarks/micro} runs them. */
@NullMarked
package dev.shoestring.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
