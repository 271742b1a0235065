package dev.shoestring.tensor;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

/** LibTorch's fused AdamW kernel ({@code aten::_fused_adamw_}), which has no method of its own in the Java binding. */
public final class FusedAdamW {
    private FusedAdamW() {}

    /**
     * Updates parameters and both moments in place; all lists have one entry a parameter, of its shape, in float32.
     *
     * @param steps one-element float32 tensors that hold each parameter's step count, already raised for this step
     */
    public static void update(
            List<Tensor> parameters,
            List<Tensor> gradients,
            List<Tensor> firstMoments,
            List<Tensor> secondMoments,
            List<Tensor> steps,
            Settings settings) {
        if (parameters.isEmpty()) {
            return;
        }
        OperatorHandle operator = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
        try (NoGrad guard = NoGrad.on();
                Arguments arguments = new Arguments()) {
            arguments.add(parameters);
            arguments.add(gradients);
            arguments.add(firstMoments);
            arguments.add(secondMoments);
            arguments.add(List.of());
            arguments.add(steps);
            arguments.add(new IValue(settings.lr()));
            arguments.add(new IValue(settings.beta1()));
            arguments.add(new IValue(settings.beta2()));
            arguments.add(new IValue(settings.weightDecay()));
            arguments.add(new IValue(settings.eps()));
            arguments.add(new IValue(false));
            arguments.add(new IValue(false));
            arguments.add(new IValue());
            arguments.add(new IValue());
            Dispatcher.singleton().callBoxed(operator, arguments.stack);
        }
    }

    /**
     * The numbers of one update.
     *
     * @param lr learning rate
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param weightDecay decoupled weight decay
     * @param eps added to the root of the second moment
     */
    public record Settings(double lr, double beta1, double beta2, double weightDecay, double eps) {}

    private static final class Arguments implements AutoCloseable {
        private final IValueVector stack = new IValueVector();

        void add(IValue value) {
            stack.push_back(value);
            value.close();
        }

        void add(List<Tensor> tensors) {
            try (Type.TypePtr elementType = new Type.TypePtr(TensorType.get());
                    GenericList list = new GenericList(elementType)) {
                for (Tensor tensor : tensors) {
                    try (IValue element = new IValue(tensor.handle())) {
                        list.push_back(element);
                    }
                }
                add(new IValue(list));
            }
        }

        @Override
        public void close() {
            stack.close();
        }
    }
}
