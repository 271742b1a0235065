/**
 * What training will cost before it starts: counts of parameters and floating-point operations, memory, time, energy and money on
 * any hardware of a catalogue. Plain Java; nothing here touches native code.
 */
@NullMarked
package dev.shoestring.plan;

import org.jspecify.annotations.NullMarked;
