/** Floor 4: how a pre-trained model is adapted to a task. */
@NullMarked
package dev.shoestring.adapt;

import org.jspecify.annotations.NullMarked;
