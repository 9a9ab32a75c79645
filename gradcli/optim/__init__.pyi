# Written by `python -m tests.support.stubs` from the declarations.
# mypy: disable-error-code="override, misc, overload-overlap, overload-cannot-match, assignment, no-redef"
from gradcli.optim.further_optimizers import FURTHER_OPTIMIZERS as FURTHER_OPTIMIZERS
from gradcli.optim.quasi_newton import LBFGS as LBFGS
from gradcli.optim.optimizers import OPTIMIZERS as OPTIMIZERS
from gradcli.optim.optimizers import Method as Method
from gradcli.optim.schedules import SCHEDULES as SCHEDULES
from gradcli.optim.schedules import ConstantLR as ConstantLR
from gradcli.optim.schedules import CosineAnnealingLR as CosineAnnealingLR
from gradcli.optim.schedules import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from gradcli.optim.schedules import ExponentialLR as ExponentialLR
from gradcli.optim.schedules import LRScheduler as LRScheduler
from gradcli.optim.schedules import LambdaLR as LambdaLR
from gradcli.optim.schedules import LinearLR as LinearLR
from gradcli.optim.schedules import MultiStepLR as MultiStepLR
from gradcli.optim.schedules import OneCycleLR as OneCycleLR
from gradcli.optim.schedules import PolynomialLR as PolynomialLR
from gradcli.optim.schedules import ReduceLROnPlateau as ReduceLROnPlateau
from gradcli.optim.schedules import SequentialLR as SequentialLR
from gradcli.optim.schedules import StepLR as StepLR
from gradcli.optim.schedules import warmed_up as warmed_up
from gradcli.optim.classes import Optimizer as Optimizer
from gradcli.optim.classes import SGD as SGD
from gradcli.optim.classes import RMSprop as RMSprop
from gradcli.optim.classes import Adam as Adam
from gradcli.optim.classes import AdamW as AdamW
from gradcli.optim.classes import NAdam as NAdam
from gradcli.optim.classes import Adamax as Adamax
from gradcli.optim.classes import Adagrad as Adagrad
from gradcli.optim.classes import Adadelta as Adadelta
from gradcli.optim.classes import RAdam as RAdam
from gradcli.optim.classes import Rprop as Rprop
from gradcli.optim.classes import ASGD as ASGD
from gradcli.optim.classes import Adafactor as Adafactor
from gradcli.optim.classes import Muon as Muon
from gradcli.optim.classes import SparseAdam as SparseAdam
from gradcli.optim.option import Option as Option
from gradcli.optim.clipping import clip_grad_norm_ as clip_grad_norm_
from gradcli.optim.clipping import clipped as clipped
__all__ = [
    'FURTHER_OPTIMIZERS',
    'LBFGS',
    'OPTIMIZERS',
    'SCHEDULES',
    'ConstantLR',
    'CosineAnnealingLR',
    'CosineAnnealingWarmRestarts',
    'ExponentialLR',
    'LRScheduler',
    'LambdaLR',
    'LinearLR',
    'Method',
    'MultiStepLR',
    'OneCycleLR',
    'Optimizer',
    'Option',
    'PolynomialLR',
    'ReduceLROnPlateau',
    'SequentialLR',
    'StepLR',
    'clip_grad_norm_',
    'clipped',
    'warmed_up',
    'SGD',
    'RMSprop',
    'Adam',
    'AdamW',
    'NAdam',
    'Adamax',
    'Adagrad',
    'Adadelta',
    'RAdam',
    'Rprop',
    'ASGD',
    'Adafactor',
    'Muon',
    'SparseAdam',
]
