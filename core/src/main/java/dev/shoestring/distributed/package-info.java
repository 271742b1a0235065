/** Several processes that train one model: how they are started, find each other, agree, and notice that one is gone. */
@NullMarked
package dev.shoestring.distributed;

import org.jspecify.annotations.NullMarked;
