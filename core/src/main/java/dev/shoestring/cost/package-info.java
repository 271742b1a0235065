/** Floor 0: the arithmetic of cost: FLOPs, energy and money. Plain Java, no native code. */
@NullMarked
package dev.shoestring.cost;

import org.jspecify.annotations.NullMarked;
