package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Stored weights as views of their files, mapped into memory: nothing is copied, and what is never looked at is never read. Each file is
 * mapped once. A tensor keeps its file mapped for as long as it lives, also after this is closed. What cannot be viewed, because it is
 * packed in another file or lies at an odd place, is copied.
 */
public final class MappedTensors implements AutoCloseable {
    private final Weights weights;
    private final String source;
    private final Map<Path, Tensor> files = new LinkedHashMap<>();

    /**
     * Nothing is mapped yet.
     *
     * @param source what the weights came from, for messages
     */
    public MappedTensors(Weights weights, String source) {
        this.weights = weights;
        this.source = source;
    }

    /**
     * A weight in its stored shape and type; born in the scope that is open. Writing to it changes no file.
     *
     * @throws InputException if it is of no floating-point type, or its file cannot be mapped
     */
    public Tensor load(TensorInfo info) {
        DType type = StoredTensors.type(info, source);
        Optional<Weights.Place> place = weights.place(info.name());
        if (place.isEmpty() || info.elements() == 0) {
            return StoredTensors.load(weights, info, source);
        }
        return TensorScope.keep(() -> {
            Tensor bytes = bytes(place.get(), info.byteSize());
            boolean aligned = place.get().offset() % type.bytes() == 0;
            return (aligned ? bytes : bytes.copy()).viewAs(type, StoredTensors.shape(info));
        });
    }

    /**
     * Bytes of a file, mapped.
     *
     * @throws InputException if the file is shorter by now, or cannot be mapped
     */
    private Tensor bytes(Weights.Place place, long size) {
        Path path = place.file();
        Tensor file = files.get(path);
        if (file == null) {
            file = map(path);
            files.put(path, file);
        }
        if (place.offset() + size > file.numel()) {
            throw new InputException(path + ": became shorter while it was read; fetch or export it again");
        }
        return file.narrow(0, place.offset(), size);
    }

    private static Tensor map(Path path) {
        try {
            return Tensor.mapped(path.toAbsolutePath().toString(), Files.size(path))
                    .unscoped();
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be read (" + failed + ")", failed);
        } catch (RuntimeException refused) {
            String reason =
                    String.valueOf(refused.getMessage()).lines().findFirst().orElse("");
            throw new InputException(path + ": cannot be mapped into memory (" + reason + ")", refused);
        }
    }

    @Override
    public void close() {
        files.values().forEach(Tensor::close);
        files.clear();
    }
}
